using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Checks;
using ComputeExchange.Simulation.Engines;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Clients;

/// <summary>
/// A program that sends commands, several at a time, and repeats each under its id until it hears an answer; it may die
/// and goes on with what stands in its notebook.
/// </summary>
internal sealed class Actor(World world, string name, Script script) : Inhabitant(name)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(700);

    private readonly HashSet<Wish> _inHand = [];

    /// <summary>Its disk.</summary>
    public Notebook Notebook { get; } = new(name);

    public override bool IsDone => script.IsOver(Notebook) && Notebook.IsDone && (!script.ReadsFeed || Notebook.NextNumber > world.LastNumber);

    public override string State => $"{Name} waits for {Notebook.Open.Count} of {Notebook.Wishes.Count} and reads at {Notebook.NextNumber}";

    public override void Start()
    {
        var process = Process = world.Boot(Name);
        _inHand.Clear();
        for (var lane = 0; lane < script.Lanes; lane++) process.Start(() => Work(process));
        if (script.ReadsFeed) process.Start(() => new FeedReader(world, process, Name, Notebook, script).Run());
    }

    private async Task Work(Process process)
    {
        while (true)
        {
            var wish = Next(process.Dice);
            if (wish is not null)
            {
                await Have(process, wish);
                _inHand.Remove(wish);
            }
            await Task.Delay(wish is null ? Idle : process.Dice.Skewed(script.Pause), process.Clock);
        }
    }

    private Wish? Next(Dice dice)
    {
        var wish = Notebook.Open.FirstOrDefault(open => !_inHand.Contains(open));
        if (wish is null && !script.IsOver(Notebook)) wish = script.Next(Notebook, dice, world.MarketTime);
        if (wish is not null) _inHand.Add(wish);
        return wish;
    }

    private async Task Have(Process process, Wish wish)
    {
        while (!wish.IsDone)
        {
            var engine = process.Dice.OneOf(world.Engines);
            try
            {
                var reply = await world.Network.Ask(
                    process, engine.Process, Sent(wish, engine.Door), process.Dice.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3)));
                if (Hear(wish, reply)) continue;
            }
            catch (UnreachedException)
            {
            }
            await Task.Delay(process.Dice.Skewed(TimeSpan.FromMilliseconds(400)), process.Clock);
        }
        Notebook.Close(wish);
    }

    private static void Tell(Check check, Wish wish, SubmitResponse answer)
    {
        if (wish.Orders is null) check.Told(wish, answer);
        else check.ToldOrders(wish, answer.Sequence, answer.Events[0].OrdersHandled.Events.ToByteArray());
    }

    private static Func<Task<Reply>> Sent(Wish wish, Door door)
    {
        if (wish.Orders is { } orders) return () => door.Enter(orders.Participant, orders.Requests);
        var request = new SubmitRequest { CommandId = wish.Id.ToString(), Command = wish.Command }.ToByteArray();
        return () => door.Submit(request);
    }

    private bool Hear(Wish wish, Reply reply)
    {
        switch (reply.Refusal)
        {
            case null:
                var answer = SubmitResponse.Parser.ParseFrom(reply.Response);
                if (answer.RepeatedCommand) world.See("a repeated command had its first outcome");
                world.Tell(check => Tell(check, wish, answer));
                if (wish.Answer is null)
                {
                    wish.Answer = answer;
                    script.Heard(Notebook, wish, world.Dice);
                }
                else wish.Repeats--;
                return true;
            case Refusal.Reused:
                world.See("an id was refused");
                world.Tell(check => check.ToldReused(wish));
                wish.WasRefused = true;
                return true;
            default:
                return false;
        }
    }
}
