using System.Globalization;
using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Settlement.Domain.Fees;

/// <summary>What the engine is asked of fees.</summary>
public static class FeeAsks
{
    /// <summary>A participant is to have the rates of its tier.</summary>
    /// <param name="at">What they are set for: a day's first moment, or when a schedule was approved that begins at once.</param>
    public static Ask Set(Guid participant, Tier tier, DateTimeOffset at) =>
        new(Asks.IdFor(string.Create(CultureInfo.InvariantCulture, $"fees {participant} {at:O}")), new EngineCommand
        {
            SetFees = new SetFees { ParticipantId = participant.ToString(), AuctionBuyerPpm = tier.BuyerPpm, AuctionSellerPpm = tier.SellerPpm },
        });
}
