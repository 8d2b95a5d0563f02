using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.Live;
using ComputeExchange.OrderBook.MarketData;
using ComputeExchange.OrderBook.Offers;
using ComputeExchange.OrderBook.Runs;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook;

/// <summary>The door to bids, offers, trades, depth and runs.</summary>
public sealed class OrderBookGrpc(
    PlaceBidHandler placeBid,
    PreviewBidHandler previewBid,
    CancelBidHandler cancelBid,
    ReadBids bids,
    PlaceOfferHandler placeOffer,
    PlaceResaleHandler placeResale,
    CancelOfferHandler cancelOffer,
    ReadOffers offers,
    ReadTrades trades,
    ReadDepth depth,
    MakeQuote quote,
    ReadRuns runs,
    IndicativePrices indicative,
    StreamMarketData marketData) : OrderBookService.OrderBookServiceBase
{
    /// <inheritdoc />
    public override Task<PlaceBidResponse> PlaceBid(PlaceBidRequest request, ServerCallContext context) =>
        placeBid.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<PreviewBidResponse> PreviewBid(PreviewBidRequest request, ServerCallContext context) =>
        previewBid.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<CancelBidResponse> CancelBid(CancelBidRequest request, ServerCallContext context) =>
        cancelBid.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetBidResponse> GetBid(GetBidRequest request, ServerCallContext context) =>
        bids.Get(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListBidsResponse> ListBids(ListBidsRequest request, ServerCallContext context) =>
        bids.List(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<PlaceOfferResponse> PlaceOffer(PlaceOfferRequest request, ServerCallContext context) =>
        placeOffer.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<PlaceResaleResponse> PlaceResale(PlaceResaleRequest request, ServerCallContext context) =>
        placeResale.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<CancelOfferResponse> CancelOffer(CancelOfferRequest request, ServerCallContext context) =>
        cancelOffer.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListOffersResponse> ListOffers(ListOffersRequest request, ServerCallContext context) =>
        offers.List(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListTradesResponse> ListTrades(ListTradesRequest request, ServerCallContext context) =>
        trades.List(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetDepthResponse> GetDepth(GetDepthRequest request, ServerCallContext context) =>
        depth.Get(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<QuoteResponse> Quote(QuoteRequest request, ServerCallContext context) =>
        quote.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) =>
        runs.List(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context) =>
        runs.Get(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetRunRecordResponse> GetRunRecord(GetRunRecordRequest request, ServerCallContext context) =>
        runs.GetRecord(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<GetIndicativePricesResponse> GetIndicativePrices(GetIndicativePricesRequest request, ServerCallContext context) =>
        Task.FromResult(indicative.Get(request));

    /// <inheritdoc />
    public override Task<TellIndicativePricesResponse> TellIndicativePrices(TellIndicativePricesRequest request, ServerCallContext context) =>
        Task.FromResult(indicative.Take(request));

    /// <inheritdoc />
    public override Task StreamMarketData(StreamMarketDataRequest request, IServerStreamWriter<StreamMarketDataResponse> responseStream, ServerCallContext context) =>
        marketData.Send(request, Caller.Of(context), responseStream, context.CancellationToken);
}
