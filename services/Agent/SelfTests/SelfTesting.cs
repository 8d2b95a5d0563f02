using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.Records;
using ComputeExchange.Agent.State;
using Google.Protobuf.WellKnownTypes;
using Wire = ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.SelfTests;

/// <summary>Makes the self-test that the exchange asks for, once, on GPUs that nobody has bought.</summary>
public sealed class SelfTesting(IHardware hardware, RecordSpool records, ExchangeTime time, StateFolder state, HostLog log, Action wake) : IDisposable
{
    private Task<Wire.SelfTestReport>? _running;
    private CancellationTokenSource? _stop;
    private HashSet<string> _gpus = [];
    private string _done = File.Exists(state.TestFile) ? File.ReadAllText(state.TestFile) : "";

    /// <summary>The median round trip to the exchange, microseconds.</summary>
    public Func<long> RoundTrip { get; set; } = () => 0;

    /// <summary>Whether a GPU is being tested now.</summary>
    public bool Holds(string uuid) => _running is not null && _gpus.Contains(uuid);

    /// <summary>A buyer's time has come: the test ends, and is made again later.</summary>
    public void GiveWay() => _stop?.Cancel();

    /// <summary>Begins what is asked, and tells what is done.</summary>
    /// <param name="ask">What is asked; null: nothing.</param>
    /// <param name="isFree">Whether a GPU is nobody's now.</param>
    public void Step(Wire.SelfTestAsk? ask, Func<string, bool> isFree)
    {
        if (_running is { IsCompleted: true } finished) Finish(finished);
        if (_running is not null || ask is null || ask.TestId == _done || ask.TestId.Length == 0) return;
        _gpus = hardware.Read().Gpus.Select(gpu => gpu.Uuid).Where(isFree).ToHashSet();
        _stop = new CancellationTokenSource();
        var (asked, cancel) = (new SelfTestAsk(ask.TestId, unchecked((ulong)ask.Seed), [.. _gpus]), _stop.Token);
        log.Line($"Self-test {ask.TestId}: {_gpus.Count} GPUs.");
        _running = Task.Run(() => InventoryWords.Written(hardware.Test(asked, cancel)), CancellationToken.None);
        _ = _running.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose()
    {
        _stop?.Cancel();
        _stop?.Dispose();
    }

    private void Finish(Task<Wire.SelfTestReport> finished)
    {
        _running = null;
        _stop?.Dispose();
        _stop = null;
        if (finished.IsCanceled || finished.Exception?.InnerException is OperationCanceledException)
        {
            log.Line("The self-test gave way to a delivery and is made again.");
            return;
        }
        if (finished.Exception is { } failed)
        {
            log.Line($"The self-test could not be made: {failed.InnerException?.Message}");
            return;
        }
        var report = finished.Result;
        report.ExchangeRoundTripMicros = RoundTrip();
        records.Append(new Wire.AgentRecord { AtTime = time.Now.ToTimestamp(), SelfTest = report });
        _done = report.TestId;
        StateFolder.Write(state.TestFile, System.Text.Encoding.ASCII.GetBytes(_done));
        log.Line($"Self-test {report.TestId}: done in {report.ElapsedMilliseconds} ms{(report.Failure.Length > 0 ? $", failed: {report.Failure}" : "")}.");
    }
}
