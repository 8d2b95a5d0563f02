using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Takes what a node says of a delivery; the caller holds the locks of the node's agent and of the delivery, and saves.</summary>
internal static class ApplyReport
{
    private const int MessageLengthMax = 500;

    /// <summary>
    /// Notes where the delivery stands on the node. What is over stays over; what failed is closed by the loop, which meters what is left of it.
    /// </summary>
    /// <param name="db">Where.</param>
    /// <param name="delivery">The delivery, locked.</param>
    /// <param name="report">What the node says.</param>
    /// <param name="at">When, by the exchange's clock as the node knows it.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task Apply(ProviderRegistryDb db, DeliveryRow delivery, DeliveryReport report, DateTimeOffset at, CancellationToken cancel)
    {
        at = at.ToUniversalTime();
        if (report.HasExitCode && delivery.ExitCode != report.ExitCode)
        {
            delivery.ExitCode = report.ExitCode;
            db.Note(delivery, at, $"The workload ended with exit code {report.ExitCode}.");
        }
        else if (!report.HasExitCode && report.WorkloadRunning) delivery.ExitCode = null;
        if (report.Removed && !delivery.Removed)
        {
            delivery.Removed = true;
            db.Note(delivery, at, "Everything of it was removed from the node, and that was checked.");
        }
        if (delivery.EndedTime is not null) return;

        delivery.SshEndpoint = Short(report.SshEndpoint);
        if (report.Message.Length > 0 && Short(report.Message) is var message && message != delivery.Message)
        {
            delivery.Message = message;
            db.Note(delivery, at, message);
        }
        switch (report.Phase)
        {
            case DeliveryPhase.Provisioning when delivery.Phase == DeliveryPhase.Scheduled:
                delivery.Phase = DeliveryPhase.Provisioning;
                db.Note(delivery, at, "Its room is being made.");
                break;
            case DeliveryPhase.Active when delivery.ActiveTime is null:
                // No GPU is the buyer's before the buyer's time.
                delivery.ActiveTime = at > delivery.FromTime ? at : delivery.FromTime;
                delivery.Phase = delivery.InterruptTime is null ? DeliveryPhase.Active : DeliveryPhase.Interrupting;
                db.Note(delivery, at, report.WorkloadRunning ? "The GPUs are the buyer's, and the workload runs." : "The GPUs are the buyer's.");
                await db.Announce(delivery.BuyerId, "delivery.active", DeliveryWords.Told(delivery), at, cancel);
                break;
            case DeliveryPhase.Failed when delivery.Phase != DeliveryPhase.Failed:
                Fail(db, delivery, report.CloseReason, at);
                break;
            case DeliveryPhase.Ended when at < delivery.ToTime - DeliveryMetering.Exactness && delivery.InterruptTime is null && delivery.Phase != DeliveryPhase.Failed:
                // Nobody asked for it.
                Fail(db, delivery, report.CloseReason, at);
                break;
        }
    }

    /// <summary>It ends at once: the loop closes it and meters what is left.</summary>
    private static void Fail(ProviderRegistryDb db, DeliveryRow delivery, DeliveryCloseReason said, DateTimeOffset at)
    {
        var reason = said is DeliveryCloseReason.GpuFailed or DeliveryCloseReason.ProvisionFailed or DeliveryCloseReason.GpuInUseByOwner ? said
            : delivery.ActiveTime is null ? DeliveryCloseReason.ProvisionFailed
            : DeliveryCloseReason.GpuFailed;
        delivery.Phase = DeliveryPhase.Failed;
        delivery.NoticedTime = at;
        delivery.InterruptTime = at;
        delivery.InterruptReason = reason;
        db.Note(delivery, at, $"The node could not deliver: {DeliveryRules.Sentence(reason)}");
    }

    private static string Short(string text) =>
        new([.. text.Take(MessageLengthMax).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
