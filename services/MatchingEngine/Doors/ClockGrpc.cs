using System.Diagnostics;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Clock;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>The operator's door to the clock.</summary>
internal sealed class ClockGrpc(Engine engine, SimulatedTime time, ExchangeClock clock) : ClockService.ClockServiceBase
{
    /// <inheritdoc />
    public override async Task<GetClockResponse> GetClock(GetClockRequest request, ServerCallContext context)
    {
        await OwnerAnswers(context);
        return new GetClockResponse { ClockTime = clock.GetUtcNow().ToTimestamp(), Simulated = clock.Simulated, Speed = time.Speed };
    }

    /// <inheritdoc />
    public override async Task<AdvanceClockResponse> AdvanceClock(AdvanceClockRequest request, ServerCallContext context)
    {
        var to = Refuse.ParseTime("to_time", request.ToTime);
        RefuseIfLive();
        try
        {
            var now = await EngineGrpc.Answer(() =>
            {
                // A thousand looks whether all are at rest are not what the operator asked for.
                Activity.Current = null;
                return time.MoveTo(to, context.CancellationToken);
            });
            return new AdvanceClockResponse { ClockTime = now.ToTimestamp() };
        }
        catch (TimeoutException restless)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, restless.Message));
        }
    }

    /// <inheritdoc />
    public override async Task<RunClockResponse> RunClock(RunClockRequest request, ServerCallContext context)
    {
        if (request.Speed is < 0 or > 3_600) throw Refuse.Field("speed", $"is {request.Speed}; it can be 0 to 3600.");
        RefuseIfLive();
        await OwnerAnswers(context);
        time.Speed = request.Speed;
        return new RunClockResponse { ClockTime = clock.GetUtcNow().ToTimestamp() };
    }

    /// <summary>A standby's clock is not the exchange's.</summary>
    private Task<bool> OwnerAnswers(ServerCallContext context) => EngineGrpc.Answer(() => engine.Ask((_, _) => true, context.CancellationToken));

    private void RefuseIfLive()
    {
        if (!clock.Simulated) throw Refuse.Rule("CLOCK_IS_LIVE", "This exchange runs in real time: its clock cannot be moved.");
    }
}
