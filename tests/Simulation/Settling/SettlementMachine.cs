using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Clients;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Engines;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Settling;

/// <summary>Settlement on a simulated machine: it books deposits and withdrawals, asks the engine, and posts what the feed tells, by the real rules.</summary>
internal sealed class SettlementMachine(World world, string name) : Inhabitant(name)
{
    private Books _books = null!;

    /// <summary>Whether it has applied the whole feed, the engine has answered all it was asked, and the bank has paid what it was to pay.</summary>
    public override bool IsDone => Next > world.LastNumber && OpenAsks == 0 && OpenPayments == 0;

    public override string State => $"{Name} reads at {Next} of {world.LastNumber}, asks the engine for {OpenAsks}, and the bank for {OpenPayments}";

    private long Next => (world.Database.Visible.Find(SettlementTables.Cursor, 0) as CursorRow)?.Next ?? 1;

    private int OpenPayments => world.Database.Visible.All(SettlementTables.Payments).Count;

    private int OpenAsks => world.Database.Visible.All(SettlementTables.OpenAsks).Count;

    public override void Start()
    {
        var process = Process = world.Boot(Name);
        var books = _books = new Books(world.Database, process, world.Bug.Ledger);
        process.Start(() => Again(process, () => Read(process, books)));
        process.Start(() => Again(process, () => AskEngine(process, books)));
        process.Start(() => Again(process, () => HearBank(process, books)));
    }

    /// <summary>Books a deposit, or asks for a withdrawal.</summary>
    /// <returns>Whether it is recorded; otherwise nobody knows.</returns>
    public async Task<bool> Take(Guid id, Guid participant, Money amount, bool isDeposit)
    {
        try
        {
            await (isDeposit ? _books.Deposit(id, participant, amount) : _books.Withdraw(id, participant, amount));
            return true;
        }
        catch (DatabaseException)
        {
            return false;
        }
    }

    private static async Task Again(Process process, Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
            }
            catch (DatabaseException)
            {
                // Nobody knows what became of it: what the tables say then, holds.
            }
            await Task.Delay(process.Dice.Skewed(TimeSpan.FromMilliseconds(500)), process.Clock);
        }
    }

    private async Task Read(Process process, Books books)
    {
        var arrived = new Queue<FeedEntry>();
        var next = await books.Next();
        var line = FeedLine.Open(world, process, next, response =>
        {
            foreach (var entry in response.Entries) arrived.Enqueue(entry);
        });
        if (line is null) return;
        try
        {
            while (line.IsOpen)
            {
                if (arrived.Count > 0)
                {
                    var batch = arrived.ToList();
                    arrived.Clear();
                    if (batch[0].Number != next) return;
                    await books.Apply(batch);
                    next = batch[^1].Number + 1;
                }
                await Task.Delay(process.Dice.Skewed(TimeSpan.FromMilliseconds(300)), process.Clock);
            }
        }
        finally
        {
            line.Cut();
        }
    }

    private async Task AskEngine(Process process, Books books)
    {
        foreach (var ask in await books.OpenAsks())
        {
            var engine = process.Dice.OneOf(world.Engines);
            var request = new SubmitRequest { CommandId = ask.CommandId.ToString(), Command = EngineCommand.Parser.ParseFrom(ask.Command) }.ToByteArray();
            try
            {
                var door = engine.Door;
                var reply = await world.Network.Ask(process, engine.Process, () => door.Submit(request), process.Dice.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3)));
                if (reply.Refusal is null) await books.Answered(ask.CommandId);
                else if (reply.Refusal == Refusal.Reused) throw new InvalidOperationException($"{ask.CommandId} was used for another command.");
            }
            catch (UnreachedException)
            {
            }
        }
    }
    /// <summary>The bank says of each payment what became of it, and of some a second time.</summary>
    private async Task HearBank(Process process, Books books)
    {
        await Task.Delay(process.Dice.Skewed(TimeSpan.FromSeconds(2)), process.Clock);
        foreach (var payment in await books.Payments())
        {
            await books.End(payment);
            world.See(payment.Micros % 4 != 0 ? "a payment was paid" : "a payment failed");
            if (process.Dice.OnceIn(4)) await books.End(payment);
        }
    }
}
