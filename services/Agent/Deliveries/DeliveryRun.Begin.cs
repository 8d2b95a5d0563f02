using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>The way to the begin.</summary>
public sealed partial class DeliveryRun
{
    // As long as the gate is before a slot; the exchange names the GPUs no earlier.
    private static readonly TimeSpan Lead = TimeSpan.FromMinutes(10);

    // A begin this late is a look that came late, and not a delivery that did.
    private static readonly TimeSpan OnTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan HostsPatience = TimeSpan.FromMinutes(5);

    private long? _waitsSince;
    private bool _wasHindered;

    private void Begin(DateTimeOffset now)
    {
        if (!_isWanted)
        {
            GiveUp(DeliveryPhase.Ended, _wanted.InterruptReason, "It is not wanted any more.");
            return;
        }
        if (Interrupt is { } interrupt && interrupt <= From)
        {
            GiveUp(DeliveryPhase.Ended, _wanted.InterruptReason, "It was taken back before its begin.");
            return;
        }
        if (now >= End && !(_host.Time.IsSimulated && _state.KnownTime <= From))
        {
            GiveUp(DeliveryPhase.Failed, DeliveryCloseReason.ProvisionFailed, _state.Message.Length > 0 ? _state.Message : "The agent heard of it, or came back, only after its end.");
            return;
        }
        if (now < From - Lead) return;
        _state.Phase = DeliveryPhase.Provisioning;
        if (now < End) Prepare();
        if (now >= From) BeginNow(now);
    }

    private void BeginNow(DateTimeOffset now)
    {
        var gpus = _wanted.GpuUuids.Select(_host.Gpus.Of).ToList();
        if (gpus.Find(gpu => gpu.IsFailed) is { } failed)
        {
            GiveUp(DeliveryPhase.Failed, DeliveryCloseReason.GpuFailed, $"{failed.Sample.Uuid}: {failed.Sample.Trouble}");
            return;
        }
        if (_wanted.GpuUuids.Select(uuid => _host.HeldBy(uuid, Id)).FirstOrDefault(held => held is not null) is { } holder)
        {
            _wasHindered = true;
            WaitOr(holder);
            return;
        }
        if (gpus.Find(gpu => gpu.ForeignCount > 0) is { } busy)
        {
            GiveUp(DeliveryPhase.Failed, DeliveryCloseReason.GpuInUseByOwner, $"{busy.Sample.Uuid} is used by {busy.ForeignCount} processes of its owner.");
            return;
        }
        if (gpus.Exists(gpu => gpu.BadInARow > 0)) return;
        if (_wanted.Workload is not null && now < End && !_prepared && _buyersFault.Length == 0)
        {
            _wasHindered |= _hostsFault.Length > 0;
            WaitOr(_hostsFault.Length > 0 ? _hostsFault : "The room is being made.");
            return;
        }
        Activate(now);
    }

    private void Activate(DateTimeOffset now)
    {
        var begin = now - From <= OnTime || _host.Time.IsSimulated && _state.KnownTime <= From && !_wasHindered ? From : Meter.Floor(now);
        _state.Phase = DeliveryPhase.Active;
        _state.ActiveTime = _state.MeteredTime = begin;
        _state.Message = _buyersFault;
        Count(now);
    }

    // What hinders it may pass; a real while is waited for that, whatever the exchange's clock does.
    private void WaitOr(string why)
    {
        _waitsSince ??= _host.Clock.GetTimestamp();
        _state.Message = why;
        if (_hostsFault.Length > 0 && _host.Clock.GetElapsedTime(_waitsSince.Value) > HostsPatience) GiveUp(DeliveryPhase.Failed, DeliveryCloseReason.ProvisionFailed, why);
    }
}
