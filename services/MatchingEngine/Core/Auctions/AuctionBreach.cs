namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>One rule that a solution breaks, and where.</summary>
/// <param name="Rule">1 to 7 as the format numbers them; 0 for what it says of a solution beside these.</param>
/// <param name="Sentence">What is wrong, with the numbers.</param>
public sealed record AuctionBreach(int Rule, string Sentence)
{
    /// <summary>The id of the bid, where one is concerned.</summary>
    public string? Bid { get; init; }

    /// <summary>The id of the offer, where one is concerned.</summary>
    public string? Offer { get; init; }

    /// <summary>The market's position, where one is concerned.</summary>
    public int? Market { get; init; }

    /// <summary>The slot, where one is concerned.</summary>
    public int? Slot { get; init; }

    /// <inheritdoc />
    public override string ToString() =>
        $"rule {Rule}{Part("bid", Bid)}{Part("offer", Offer)}{Part("market", Market)}{Part("slot", Slot)}: {Sentence}";

    static string Part(string name, object? value) => value is null ? "" : $", {name} {value}";
}
