using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Disputes;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry;

/// <summary>The door: what is delivered on a lease, disputes of it, and who is called when something happens.</summary>
public sealed class DeliveryGrpc(
    GetDeliveryHandler getDelivery, IServiceScopeFactory scopes, SetWorkloadHandler setWorkload, ReadDeliveryLogHandler readLog, ExtendLeaseHandler extend,
    EndDeliveryHandler end, SetRebidHandler setRebid, OpenDisputeHandler openDispute, DecideDisputeHandler decide, ListDisputesHandler listDisputes,
    ManageWebhooksHandler webhooks)
    : DeliveryService.DeliveryServiceBase
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LifeEvery = TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    public override async Task<GetDeliveryResponse> GetDelivery(GetDeliveryRequest request, ServerCallContext context) =>
        new() { Delivery = await getDelivery.Handle(new GetDelivery(request.LeaseId, OwnOnly(context)), context.CancellationToken) };

    /// <inheritdoc />
    public override async Task WatchDelivery(WatchDeliveryRequest request, IServerStreamWriter<WatchDeliveryResponse> responseStream, ServerCallContext context)
    {
        var (query, cancel) = (new GetDelivery(request.LeaseId, OwnOnly(context)), context.CancellationToken);
        Delivery? last = null;
        var said = TimeProvider.System.GetTimestamp();
        while (!cancel.IsCancellationRequested)
        {
            Delivery now;
            await using (var scope = scopes.CreateAsyncScope()) now = await scope.ServiceProvider.GetRequiredService<GetDeliveryHandler>().Handle(query, cancel);
            var changed = last is null || !WithoutMeters(now).Equals(WithoutMeters(last));
            if (changed || TimeProvider.System.GetElapsedTime(said) >= LifeEvery)
            {
                await responseStream.WriteAsync(changed ? new WatchDeliveryResponse { Delivery = now } : new WatchDeliveryResponse(), cancel);
                said = TimeProvider.System.GetTimestamp();
            }
            last = now;
            await Task.Delay(WatchEvery, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc />
    public override async Task<SetWorkloadResponse> SetWorkload(SetWorkloadRequest request, ServerCallContext context) =>
        new() { Workload = await setWorkload.Handle(Deliveries.SetWorkload.Parse(request, Caller.Of(context).Participant), context.CancellationToken) };

    /// <inheritdoc />
    public override Task<ReadDeliveryLogResponse> ReadDeliveryLog(ReadDeliveryLogRequest request, ServerCallContext context) =>
        readLog.Handle(Deliveries.ReadDeliveryLog.Parse(request, Caller.Of(context).Participant), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ExtendLeaseResponse> ExtendLease(ExtendLeaseRequest request, ServerCallContext context) =>
        extend.Handle(Deliveries.ExtendLease.Parse(request, Caller.Of(context).Participant), context.CancellationToken);

    /// <inheritdoc />
    public override async Task<EndDeliveryResponse> EndDelivery(EndDeliveryRequest request, ServerCallContext context) =>
        new() { Delivery = await end.Handle(new EndDelivery(Caller.Of(context).Participant, request.LeaseId), context.CancellationToken) };

    /// <inheritdoc />
    public override async Task<ReclaimLeaseResponse> ReclaimLease(ReclaimLeaseRequest request, ServerCallContext context) =>
        new() { Delivery = await end.Handle(new ReclaimLease(Caller.Of(context).Participant, request.LeaseId, request.Reason), context.CancellationToken) };

    /// <inheritdoc />
    public override async Task<SetRebidResponse> SetRebid(SetRebidRequest request, ServerCallContext context)
    {
        await setRebid.Handle(Deliveries.SetRebid.Parse(request, Caller.Of(context).Participant), context.CancellationToken);
        return new SetRebidResponse();
    }

    /// <inheritdoc />
    public override async Task<OpenDisputeResponse> OpenDispute(OpenDisputeRequest request, ServerCallContext context) =>
        new() { Dispute = await openDispute.Handle(Disputes.OpenDispute.Parse(request, Caller.Of(context).Participant), context.CancellationToken) };

    /// <inheritdoc />
    public override async Task<ListDisputesResponse> ListDisputes(ListDisputesRequest request, ServerCallContext context)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 1000);
        if (!Enum.IsDefined(request.State)) throw Refuse.Field("state", $"is {(int)request.State}, which is no state of a dispute.");
        var disputes = await listDisputes.Handle(new ListDisputes(OwnOnly(context), request.State, size, skip), context.CancellationToken);
        return new ListDisputesResponse { Disputes = { disputes }, NextPageToken = Refuse.NextPage(skip, size, disputes.Count) };
    }

    /// <inheritdoc />
    public override async Task<AnswerDisputeResponse> AnswerDispute(AnswerDisputeRequest request, ServerCallContext context)
    {
        var command = new AnswerDispute(Caller.Of(context).Participant, Refuse.ParseId("dispute_id", request.DisputeId), Text("answer", request.Answer));
        return new AnswerDisputeResponse { Dispute = await decide.Handle(command, context.CancellationToken) };
    }

    /// <inheritdoc />
    public override async Task<ProposeDecisionResponse> ProposeDecision(ProposeDecisionRequest request, ServerCallContext context)
    {
        var command = new ProposeDecision(
            Caller.Of(context).Participant, Refuse.ParseId("dispute_id", request.DisputeId), request.DeliveredGpuSeconds, Text("reason", request.Reason));
        return new ProposeDecisionResponse { Dispute = await decide.Handle(command, context.CancellationToken) };
    }

    /// <inheritdoc />
    public override async Task<ApproveDecisionResponse> ApproveDecision(ApproveDecisionRequest request, ServerCallContext context)
    {
        var command = new ApproveDecision(Caller.Of(context).Participant, Refuse.ParseId("dispute_id", request.DisputeId), request.DeliveredGpuSeconds);
        return new ApproveDecisionResponse { Dispute = await decide.Handle(command, context.CancellationToken) };
    }

    /// <inheritdoc />
    public override Task<CreateWebhookResponse> CreateWebhook(CreateWebhookRequest request, ServerCallContext context) =>
        webhooks.Handle(
            new CreateWebhook(Caller.Of(context).Participant, Refuse.ParseId("webhook_id", request.WebhookId), request.Url, [.. request.Events]), context.CancellationToken);

    /// <inheritdoc />
    public override async Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context) =>
        new() { Webhooks = { await webhooks.List(Caller.Of(context).Participant, context.CancellationToken) } };

    /// <inheritdoc />
    public override async Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context)
    {
        await webhooks.Delete(Caller.Of(context).Participant, Refuse.ParseId("webhook_id", request.WebhookId), context.CancellationToken);
        return new DeleteWebhookResponse();
    }

    /// <summary>Whose things the caller sees; null: everyone's.</summary>
    private static Guid? OwnOnly(ServerCallContext context)
    {
        var caller = Caller.Of(context);
        return caller.SeesAll ? null : caller.Participant;
    }

    private static string Text(string field, string text) => DisputeRules.WrongText(text) is { } wrong ? throw Refuse.Field(field, wrong) : text;

    /// <summary>The meters of slots in progress go up with every reading: that is no change worth telling.</summary>
    private static Delivery WithoutMeters(Delivery delivery)
    {
        var without = delivery.Clone();
        foreach (var meter in without.Meters.Where(meter => !meter.HasDeliveredGpuSeconds)) (meter.AgentGpuSeconds, meter.RegistryGpuSeconds) = (0, 0);
        return without;
    }
}
