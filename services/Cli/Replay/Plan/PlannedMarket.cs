using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>Somebody who takes part.</summary>
/// <param name="Name">Short, lasting and fit for a file name: <c>buyer-07</c>, <c>host-1234</c>.</param>
/// <param name="Id">From the seed and the name.</param>
/// <param name="IsProvider">Sells; otherwise buys.</param>
/// <param name="Deposit">What the operator books for it at the start.</param>
public sealed record Seat(string Name, Guid Id, bool IsProvider, Money Deposit);

/// <summary>A machine as a node of its provider's.</summary>
/// <param name="Id">From the machine's number and its market.</param>
/// <param name="Provider">Whose.</param>
/// <param name="Name">The machine's number, for people.</param>
/// <param name="Market">Where its GPUs trade.</param>
/// <param name="ClassName">The market without its region.</param>
/// <param name="Gpus">The most that it shows on any day.</param>
/// <param name="Place">City and country.</param>
/// <param name="ReliabilityPpm">The marketplace's score.</param>
public sealed record PlannedNode(
    Guid Id, Seat Provider, string Name, string Market, string ClassName, int Gpus, string Place, int ReliabilityPpm);

/// <summary>One thing to do at a step.</summary>
public abstract record PlannedAction(Guid RequestId, Seat By);

/// <summary>A node's GPUs for a day.</summary>
public sealed record OfferAction(
    Guid RequestId, PlannedNode Node, int Gpus, DateTimeOffset From, DateTimeOffset To, Price Ask, Price Prompt) : PlannedAction(RequestId, Node.Provider);

/// <summary>Capacity wanted.</summary>
public sealed record BidAction(
    Guid RequestId, Seat Buyer, string Market, bool IsBlock, bool IsOnline, int Gpus, DateTimeOffset From, DateTimeOffset To, Price Limit) : PlannedAction(RequestId, Buyer)
{
    /// <summary>What it may cost at most, fee apart.</summary>
    public Money Most => Limit.CostOf(Gpus * (long)(To - From).TotalMinutes);
}

/// <summary>A buyer who thinks again.</summary>
public sealed record CancelAction(Guid RequestId, BidAction Bid) : PlannedAction(RequestId, Bid.Buyer);

/// <summary>Everything to do at one time, in this order.</summary>
public sealed record Step(DateTimeOffset Time, IReadOnlyList<PlannedAction> Actions);

/// <summary>A class that is traded: its published rate, and what a GPU of it earns in an hour on each day.</summary>
public sealed record ServedClass(string Name, Throughput Rate, IReadOnlyList<Price> RevenueByDay);

/// <summary>A class that is listed but for which the model has no published throughput.</summary>
public sealed record UnservedClass(string Name, int Machines, int Gpus);

/// <summary>How the demand came about, for the report.</summary>
/// <param name="PriceId">The model in the price file.</param>
/// <param name="StandsIn">Why it is another model's price; empty when it is its own.</param>
/// <param name="FirstPrice">The price on the first day.</param>
/// <param name="ServicesLikeIt">How many services like the traced one there are.</param>
/// <param name="OnlineShare">GPUs for these services at their busiest minute, of the GPUs offered on the first day, before scaling.</param>
/// <param name="BatchShare">GPUs for batch work at its peak, of the GPUs offered, before scaling.</param>
public sealed record DemandFacts(string PriceId, string StandsIn, TokenPrice FirstPrice, int ServicesLikeIt, decimal OnlineShare, decimal BatchShare);
