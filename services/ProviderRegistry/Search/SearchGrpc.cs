using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry.Search;

/// <summary>The door of searches.</summary>
internal sealed class SearchGrpc(SearchCapacityHandler search) : SearchService.SearchServiceBase
{
    /// <inheritdoc />
    public override Task<SearchCapacityResponse> SearchCapacity(SearchCapacityRequest request, ServerCallContext context) =>
        search.Handle(request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<ListSearchFieldsResponse> ListSearchFields(ListSearchFieldsRequest request, ServerCallContext context) =>
        Task.FromResult(SearchCapacityHandler.Fields());
}
