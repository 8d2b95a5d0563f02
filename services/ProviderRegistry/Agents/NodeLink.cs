using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>What was last heard of a GPU, as far as something follows from it.</summary>
internal readonly record struct GpuNow(string Uuid, bool Healthy, string Trouble, bool OwnerOnIt);

/// <summary>The stream of one node, from its side here: what is sent goes out one after the other.</summary>
internal sealed class NodeLink : IDisposable
{
    private const int TroubleLengthMax = 200;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly IServerStreamWriter<ConnectResponse> _answers;
    private readonly CancellationTokenSource _end;
    private readonly Lock _gate = new();
    private Dictionary<int, GpuNow> _gpus = [];
    private bool _ended;

    public NodeLink(Guid nodeId, IServerStreamWriter<ConnectResponse> answers, CancellationToken broken)
    {
        (NodeId, _answers) = (nodeId, answers);
        _end = CancellationTokenSource.CreateLinkedTokenSource(broken);
        Token = _end.Token;
    }

    public Guid NodeId { get; }

    /// <summary>Ends with the stream, or when it is to end.</summary>
    public CancellationToken Token { get; }

    /// <summary>Whether the node was told that it may not go on.</summary>
    public bool Dismissed { get; private set; }

    /// <summary>Whether the first message was dealt with.</summary>
    public bool Ready { get; set; }

    /// <summary>The revision of what is wanted that was sent last.</summary>
    public long SentRevision { get; set; }

    /// <summary>The exchange's time that was told last.</summary>
    public DateTimeOffset ToldTime { get; set; }

    /// <summary>Sends a message after those before it.</summary>
    public async Task Send(ConnectResponse message)
    {
        await _writing.WaitAsync(Token);
        try
        {
            await _answers.WriteAsync(message, Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends without waiting; a stream that cannot take it ends by itself.</summary>
    public void Post(ConnectResponse message)
    {
        _ = Quietly();

        async Task Quietly()
        {
            try
            {
                await Send(message);
            }
            catch (Exception gone) when (gone is OperationCanceledException or InvalidOperationException or IOException or RpcException or ObjectDisposedException)
            {
                End();
            }
        }
    }

    /// <summary>Tells the node that it may not go on, and ends the stream.</summary>
    public void Dismiss(string reason, string message)
    {
        if (Dismissed) return;
        Dismissed = true;
        _ = Last();

        async Task Last()
        {
            try
            {
                await Send(new ConnectResponse { Dismissal = new Dismissal { Reason = reason, Message = message } }).WaitAsync(TimeSpan.FromSeconds(5));
            }
            catch (Exception gone) when (gone is OperationCanceledException or InvalidOperationException or IOException or RpcException or ObjectDisposedException or TimeoutException)
            {
                // It went away by itself.
            }
            End();
        }
    }

    /// <summary>What is known of its GPUs before the first heartbeat.</summary>
    public void Know(IEnumerable<(int Index, GpuNow Now)> gpus)
    {
        lock (_gate) _gpus = gpus.ToDictionary(gpu => gpu.Index, gpu => gpu.Now);
    }

    /// <summary>Forgets how its GPUs do, so that the next heartbeat is all news.</summary>
    public void Forget()
    {
        lock (_gate) _gpus = _gpus.ToDictionary(gpu => gpu.Key, gpu => gpu.Value with { Trouble = "\0" });
    }

    /// <summary>What a heartbeat says that was not known; most say nothing new.</summary>
    public List<GpuNow>? News(IReadOnlyList<GpuSample> samples)
    {
        List<GpuNow>? news = null;
        lock (_gate)
        {
            foreach (var sample in samples)
            {
                if (!_gpus.TryGetValue(sample.GpuIndex, out var known)) continue;
                var trouble = sample.Trouble.Length > TroubleLengthMax ? sample.Trouble[..TroubleLengthMax] : sample.Trouble;
                if (known.Healthy == sample.Healthy && known.OwnerOnIt == (sample.ForeignProcessCount > 0) && known.Trouble == trouble) continue;
                var now = new GpuNow(known.Uuid, sample.Healthy, trouble, sample.ForeignProcessCount > 0);
                _gpus[sample.GpuIndex] = now;
                (news ??= []).Add(now);
            }
        }
        return news;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate) _ended = true;
        _end.Dispose();
        // Not the semaphore: whoever waits for it finds the stream ended.
    }

    /// <summary>Ends the stream, so that the node opens another.</summary>
    public void Break() => End();

    private void End()
    {
        lock (_gate)
            if (!_ended) _end.Cancel();
    }
}
