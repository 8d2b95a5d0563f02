using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry.Search;

/// <summary>The picture of what is free, at most two seconds old when it is asked for; nobody asking, nothing is read.</summary>
internal sealed class FreeNow(IServiceScopeFactory scopes, TimeProvider clock, DeclaredNodes declared) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HostsKept = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _reading = new(1);
    private Dictionary<Guid, HostFigures> _hosts = [];
    private long _hostsRead;
    private (FreePicture Picture, long At)? _last;

    /// <summary>The picture.</summary>
    public async Task<FreePicture> Get(CancellationToken cancel)
    {
        if (IsFresh() is { } fresh) return fresh;
        await _reading.WaitAsync(cancel);
        try
        {
            if (IsFresh() is { } meanwhile) return meanwhile;
            if (_hostsRead == 0 || TimeProvider.System.GetElapsedTime(_hostsRead) > HostsKept) (_hosts, _hostsRead) = ([], TimeProvider.System.GetTimestamp());
            await using var scope = scopes.CreateAsyncScope();
            var picture = await FreePicture.Read(scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>(), _hosts, declared.Allowed, clock.GetUtcNow(), cancel);
            _last = (picture, TimeProvider.System.GetTimestamp());
            return picture;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    // A clock that jumped makes any picture old.
    private FreePicture? IsFresh() =>
        _last is { } last && TimeProvider.System.GetElapsedTime(last.At) < Fresh && clock.GetUtcNow() - last.Picture.Now < TimeSpan.FromMinutes(5) ? last.Picture : null;
}
