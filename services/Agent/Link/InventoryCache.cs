using ComputeExchange.Agent.Hardware;

namespace ComputeExchange.Agent.Link;

/// <summary>What the host has, read again when that was some seconds ago.</summary>
public sealed class InventoryCache(IHardware hardware, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(9);

    private readonly Lock _lock = new();
    private Inventory? _last;
    private long _readAt;

    /// <summary>What it has now.</summary>
    public Inventory Now
    {
        get
        {
            lock (_lock)
            {
                if (_last is not null && clock.GetElapsedTime(_readAt) < Fresh) return _last;
                _readAt = clock.GetTimestamp();
                return _last = hardware.Read();
            }
        }
    }
}
