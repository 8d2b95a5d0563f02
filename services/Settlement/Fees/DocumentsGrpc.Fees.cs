using ComputeExchange.Hosting.Access;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.V1;
using Grpc.Core;

namespace ComputeExchange.Settlement.Documents;

/// <summary>What a participant is told of its fees.</summary>
public sealed partial class DocumentsGrpc
{
    /// <inheritdoc />
    public override Task<GetFeesResponse> GetFees(GetFeesRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var fees = context.GetHttpContext().RequestServices.GetRequiredService<ReadFees>();
        return fees.Of(Named(request.ParticipantId, caller) ?? caller.Participant, context.CancellationToken);
    }
}
