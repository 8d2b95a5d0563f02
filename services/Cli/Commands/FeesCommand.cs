using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx account fees</c>: the rates in force for somebody, what they come from, and what the next tier asks.</summary>
public static class FeesCommand
{
    static readonly Argument<string?> Whose = CommandShape.Optional("participant", "Whose, by UUID; operators and auditors only. Default: your own.");

    static readonly Sheet<GetFeesResponse> Fees = new Sheet<GetFeesResponse>("fees", "")
        .Ppm("As a buyer, of the cost", "buyer_ppm", fees => fees.BuyerPpm)
        .Ppm("As a seller, of the proceeds", "seller_ppm", fees => fees.SellerPpm)
        .Money("Bought and sold in 30 days", "volume_micros", fees => fees.VolumeMicros)
        .Money("Missing for the next tier", "next_tier_micros", fees => fees.NextTierMicros > 0 ? fees.NextTierMicros : null)
        .Text("Tax code", "tax_code", fees => fees.TaxCode)
        .Ppm("Tax, of the net fee", "tax_ppm", fees => fees.TaxPpm)
        .Text("Schedule from", "schedule_from_day", fees => fees.Schedule?.FromDay ?? "");

    static readonly Sheet<FeeTier> Tiers = new Sheet<FeeTier>("tiers", "There is no schedule: the market's rates hold for everyone.")
        .Money("From a volume of", "from_volume_micros", tier => tier.FromVolumeMicros)
        .Ppm("Buyer", "buyer_ppm", tier => tier.BuyerPpm)
        .Ppm("Seller", "seller_ppm", tier => tier.SellerPpm);

    /// <summary><c>cx account fees</c>.</summary>
    public static Command Make() => CommandShape.Make("fees", "Fee rates, the volume they come from, what the next tier asks, and the tax in them.", Whose)
        .Does(async session =>
        {
            var request = new GetFeesRequest { ParticipantId = session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("participant", whose) : "" };
            var fees = await session.Ask(cancel => session.Exchange.Documents.GetFeesAsync(request, cancellationToken: cancel));
            session.Print.Card(Fees, fees);
            session.Print.Rows(Tiers, fees.Schedule?.Tiers ?? []);
        });
}
