using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>A bid or offer to be taken back.</summary>
public sealed record TakeBack(Guid RequestId, Seat By, long Number);

/// <summary>What a buyer decides: a new bid, an old one taken back, or both; then the new one is sent only if the old one is gone.</summary>
public sealed record BuyerDecision(TakeBack? Old, BidAction? New);

/// <summary>What a provider decides about some hours of a node: offers to take back, and what to offer once they are gone.</summary>
public sealed record ProviderDecision(IReadOnlyList<TakeBack> Old, IReadOnlyList<OfferAction> New);

/// <summary>Money that the operator books for somebody.</summary>
public sealed record TopUp(Guid RequestId, Seat For, Money Amount);
