using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;
using Shouldly;
using Xunit;

namespace ComputeExchange.Simulation.Databases;

/// <summary>The simulated database lets down in the ways in which PostgreSQL does, and in no other.</summary>
public sealed class DatabaseTests
{
    private readonly Scheduler _scheduler = new(new Dice(1)) { Hesitation = 0 };
    private readonly Network _network;
    private readonly Database _database;
    private int _processes;

    public DatabaseTests()
    {
        _network = new Network(_scheduler, new Dice(2));
        _database = new Database(_scheduler, _network, new Dice(3), Boot);
        _database.Start();
    }

    [Fact]
    public void A_second_transaction_waits_for_the_row_that_the_first_holds_and_then_sees_what_it_left()
    {
        var order = new List<string>();
        async Task Write(string name, TimeSpan pause)
        {
            var connection = await _database.Connect(Boot(name));
            var found = await connection.Do(session => session.Lock("t", 1));
            order.Add($"{name} found {found ?? "nothing"}");
            await Task.Delay(pause, Boot("clock").Clock);
            await connection.Do(session =>
            {
                session.Put("t", 1, name);
                return session.Commit();
            });
        }
        Start("one", () => Write("one", TimeSpan.FromSeconds(1)));
        _scheduler.RunUntil(() => order.Count == 1, TimeSpan.FromSeconds(5));
        Start("two", () => Write("two", TimeSpan.Zero));
        _scheduler.RunUntil(() => order.Count == 2, TimeSpan.FromSeconds(5));
        order.ShouldBe(["one found nothing", "two found one"]);
    }

    [Fact]
    public void A_crash_forgets_what_is_not_committed_and_keeps_what_is()
    {
        Run(async connection =>
        {
            await Put(connection, 1, "committed");
            await connection.Do(session =>
            {
                session.Put("t", 2, "open");
                return Task.CompletedTask;
            });
        });
        _database.Crash();
        _database.Start();
        _database.Visible.All("t").ShouldBe(["committed"]);
    }

    [Fact]
    public void A_commit_waits_for_the_standby_and_is_seen_by_nobody_until_then()
    {
        _database.StopStandby();
        var isDone = false;
        Start("writer", async () =>
        {
            await Put(await _database.Connect(Boot("writer")), 1, "row");
            isDone = true;
        });
        _scheduler.RunUntil(() => isDone, TimeSpan.FromSeconds(60)).ShouldBeFalse();
        _database.Visible.All("t").ShouldBeEmpty();
        _database.StartStandby();
        _scheduler.RunUntil(() => isDone, TimeSpan.FromSeconds(120)).ShouldBeTrue();
        _database.Visible.All("t").ShouldBe(["row"]);
    }

    [Fact]
    public void A_wait_that_is_cut_short_looks_like_success_but_for_a_notice_and_is_lost_in_a_failover()
    {
        _database.StopStandby();
        bool? notice = null;
        Start("writer", async () =>
        {
            var connection = await _database.Connect(Boot("writer"));
            await Put(connection, 1, "row");
            notice = connection.SyncWaitCancelled;
        });
        _scheduler.RunUntil(() => _database.HasSyncWaits, TimeSpan.FromSeconds(5)).ShouldBeTrue();
        _database.CancelSyncWait();
        _scheduler.RunUntil(() => notice is not null, TimeSpan.FromSeconds(10));
        notice.ShouldBe(true);
        _database.Visible.All("t").ShouldBe(["row"]);

        _database.Promote();
        _database.Start();
        _database.Visible.All("t").ShouldBeEmpty();
    }

    [Fact]
    public void A_key_that_is_there_is_refused()
    {
        var refused = false;
        Run(async connection =>
        {
            await Put(connection, 1, "first");
            try
            {
                await connection.Do(session => session.Insert("t", 1, "second"));
            }
            catch (DatabaseException)
            {
                refused = true;
            }
        });
        refused.ShouldBeTrue();
    }

    private static Task Put(Connection connection, int key, string row) => connection.Do(session =>
    {
        session.Put("t", key, row);
        return session.Commit();
    });

    private void Run(Func<Connection, Task> main)
    {
        var isDone = false;
        Start("client", async () =>
        {
            await main(await _database.Connect(Boot("client")));
            isDone = true;
        });
        _scheduler.RunUntil(() => isDone, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    private void Start(string name, Func<Task> main) => Boot(name).Start(main);

    private Process Boot(string name) => new(name, _processes++, _scheduler, new Dice(4));
}
