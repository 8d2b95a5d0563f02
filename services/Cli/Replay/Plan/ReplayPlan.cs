using System.Globalization;
using System.Text;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>Everything a replay will send, and when: computed from the files, the options and the seed before anything is sent.</summary>
public sealed record ReplayPlan
{
    /// <summary>The same for the same files, options and seed.</summary>
    public required string Key { get; init; }

    /// <summary>What was asked for.</summary>
    public required PlanOptions Options { get; init; }

    /// <summary>The first moment.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The end of the last day.</summary>
    public DateTimeOffset End => Start.AddDays(Options.Days);

    /// <summary>The markets, by name.</summary>
    public required IReadOnlyList<string> Markets { get; init; }

    /// <summary>Providers first, then buyers, each by name.</summary>
    public required IReadOnlyList<Seat> Seats { get; init; }

    /// <summary>The machines.</summary>
    public required IReadOnlyList<PlannedNode> Nodes { get; init; }

    /// <summary>What to do, step by step, from the start to the end.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>Classes that are traded.</summary>
    public required IReadOnlyList<ServedClass> Served { get; init; }

    /// <summary>Classes that are listed but not traded.</summary>
    public required IReadOnlyList<UnservedClass> Unserved { get; init; }

    /// <summary>How the demand came about.</summary>
    public required DemandFacts Demand { get; init; }

    /// <summary>What will be delivered.</summary>
    public required Deliveries Deliveries { get; init; }

    /// <summary>Ids of what is not in a step.</summary>
    public required PlanIds Ids { get; init; }

    /// <summary>Every action, in order.</summary>
    public IEnumerable<PlannedAction> Actions => Steps.SelectMany(step => step.Actions);

    /// <summary>The plan as text, one line a command: what two replays of the same input have in common, byte for byte.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"replay {Key}");
        foreach (var market in Markets) Line($"market {market}");
        foreach (var seat in Seats) Line($"participant {seat.Name} {seat.Id} {(seat.IsProvider ? "provider" : "buyer")} deposit {seat.Deposit}");
        foreach (var node in Nodes) Line($"node {node.Id} {node.Provider.Name} {node.Name} {node.Gpus} x {node.Market} in {node.Place}");
        foreach (var step in Steps)
        {
            foreach (var action in step.Actions) Line($"{step.Time:yyyy-MM-ddTHH:mmZ} {action.RequestId} {action.By.Name} {Words(action)}");
        }
        return text.ToString();
    }

    static string Words(PlannedAction action) => action switch
    {
        OfferAction offer => $"offers {offer.Gpus} x {offer.Node.Market} on {offer.Node.Name} {Window(offer.From, offer.To)} from {offer.Ask}, prompt {offer.Prompt}",
        BidAction bid => $"bids {bid.Gpus} x {bid.Market} {(bid.IsBlock ? "block" : "divisible")} {Window(bid.From, bid.To)} up to {bid.Limit}",
        CancelAction cancel => $"cancels {cancel.Bid.RequestId}",
        _ => throw new System.Diagnostics.UnreachableException($"No line for {action}."),
    };

    static string Window(DateTimeOffset from, DateTimeOffset to) =>
        string.Create(CultureInfo.InvariantCulture, $"{from:MM-ddTHH:mm}..{to:MM-ddTHH:mm}");
}
