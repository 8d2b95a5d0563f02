using ComputeExchange.Pricing.Indexes;
using ComputeExchange.Pricing.Spot;
using ComputeExchange.Pricing.V1;
using Grpc.Core;

namespace ComputeExchange.Pricing;

/// <summary>The door to spot prices and indexes. All of it is public to whoever has a key.</summary>
public sealed class PricingGrpc(ReadSpotPrices spot, ReadSlotPrices slots, ReadIndexValues indexes) : PricingService.PricingServiceBase
{
    /// <inheritdoc />
    public override Task<ListSpotPricesResponse> ListSpotPrices(ListSpotPricesRequest request, ServerCallContext context) =>
        spot.List(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListSlotPricesResponse> ListSlotPrices(ListSlotPricesRequest request, ServerCallContext context) =>
        slots.List(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListIndexValuesResponse> ListIndexValues(ListIndexValuesRequest request, ServerCallContext context) =>
        indexes.List(request, context.CancellationToken);
}
