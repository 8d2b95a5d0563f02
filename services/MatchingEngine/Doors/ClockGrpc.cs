using System.Diagnostics;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Clock;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>The operator's door to the clock.</summary>
internal sealed class ClockGrpc(SimulatedTime time, ExchangeClock clock) : ClockService.ClockServiceBase
{
    /// <inheritdoc />
    public override Task<GetClockResponse> GetClock(GetClockRequest request, ServerCallContext context) =>
        Task.FromResult(new GetClockResponse { ClockTime = clock.GetUtcNow().ToTimestamp(), Simulated = clock.Simulated, Speed = time.Speed });

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
    public override Task<RunClockResponse> RunClock(RunClockRequest request, ServerCallContext context)
    {
        if (request.Speed is < 0 or > 3_600) throw Refuse.Field("speed", $"is {request.Speed}; it can be 0 to 3600.");
        RefuseIfLive();
        time.Speed = request.Speed;
        return Task.FromResult(new RunClockResponse { ClockTime = clock.GetUtcNow().ToTimestamp() });
    }

    private void RefuseIfLive()
    {
        if (!clock.Simulated) throw Refuse.Rule("CLOCK_IS_LIVE", "This exchange runs in real time: its clock cannot be moved.");
    }
}
