using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Client;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands.Leases;

/// <summary><c>cx leases show</c>: what is delivered on a lease, and what both sides measured.</summary>
public static class DeliveryCard
{
    /// <summary>The lease that a command is about.</summary>
    public static readonly Argument<long> Lease = CommandShape.Whole<long>("lease", "The lease's number.");

    /// <summary>A delivery in its figures.</summary>
    public static readonly Sheet<Delivery> Whole = new Sheet<Delivery>("delivery", "")
        .Number("Delivery", "delivery_id", delivery => delivery.DeliveryId)
        .Numbers("Leases", "lease_ids", delivery => delivery.LeaseIds)
        .Text("Market", "market", delivery => delivery.Market)
        .Text("Node", "node_name", delivery => delivery.NodeName)
        .Text("its id", "node_id", delivery => delivery.NodeId)
        .Flag("Simulated", "simulated", delivery => delivery.Simulated)
        .Time("From", "from_time", delivery => delivery.FromTime)
        .Time("To", "to_time", delivery => delivery.ToTime)
        .WordOrNone("Phase", "phase", delivery => delivery.Phase)
        .WordOrNone("Over because", "close_reason", delivery => delivery.CloseReason)
        .Text("In words", "message", delivery => delivery.Message)
        .Time("Interrupted at", "interrupt_time", delivery => delivery.InterruptTime)
        .WordOrNone("because", "interrupt_reason", delivery => delivery.InterruptReason)
        .Time("Told at", "noticed_time", delivery => delivery.NoticedTime)
        .Add("Exit code", "exit_code", delivery => delivery.HasExitCode ? delivery.ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture) : "", delivery => delivery.HasExitCode ? delivery.ExitCode : null)
        .Text("SSH at", "ssh_endpoint", delivery => delivery.SshEndpoint)
        .Price("Bid for again up to", "rebid_limit_micros_per_gpu_hour", delivery => delivery.RebidLimitMicrosPerGpuHour > 0 ? delivery.RebidLimitMicrosPerGpuHour : null)
        .Flag("Removed", "removed", delivery => delivery.Removed)
        .List("GPUs", "gpu_uuids", delivery => delivery.GpuUuids);

    /// <summary>What both sides measured.</summary>
    public static readonly Sheet<DeliveryMeter> Meters = new Sheet<DeliveryMeter>("meters", "Nothing is measured yet.")
        .Number("Lease", "lease_id", meter => meter.LeaseId)
        .Number("Slot", "slot_index", meter => meter.SlotIndex)
        .Time("From", "from_time", meter => meter.FromTime)
        .Time("To", "to_time", meter => meter.ToTime)
        .Count("Sold GPU-s", "sold_gpu_seconds", meter => meter.SoldGpuSeconds)
        .Count("Agent measured", "agent_gpu_seconds", meter => meter.AgentGpuSeconds)
        .Count("Exchange measured", "registry_gpu_seconds", meter => meter.RegistryGpuSeconds)
        .Count("Counts", "delivered_gpu_seconds", meter => meter.HasDeliveredGpuSeconds ? meter.DeliveredGpuSeconds : null)
        .Text("Found so", "resolution", meter => meter.Resolution);

    /// <summary>What happened, oldest first.</summary>
    public static readonly Sheet<DeliveryEvent> Events = new Sheet<DeliveryEvent>("events", "Nothing has happened yet.")
        .Time("When", "at_time", happened => happened.AtTime)
        .Text("What", "message", happened => happened.Message);

    static readonly Sheet<Workload> Work = new Sheet<Workload>("workload", "")
        .Text("Workload", "workload_id", workload => workload.WorkloadId)
        .Text("Image", "image", workload => workload.Image)
        .Add("Command", "command", workload => string.Join(' ', workload.Command), workload => new System.Text.Json.Nodes.JsonArray([.. workload.Command.Select(word => (System.Text.Json.Nodes.JsonNode)word)]))
        .List("Environment", "environment_names", workload => workload.Environment.Keys.Order(StringComparer.Ordinal))
        .Count("SSH keys", "ssh_public_key_count", workload => workload.SshPublicKeys.Count)
        .Count("CPU cores", "cpu_count", workload => workload.CpuCount > 0 ? workload.CpuCount : null)
        .Bytes("Memory", "memory_bytes", workload => workload.MemoryBytes)
        .Bytes("Disk", "disk_bytes", workload => workload.DiskBytes)
        .Flag("Started again on failure", "restart_on_failure", workload => workload.RestartOnFailure);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("show", "What is delivered on a lease: where it stands, what runs, where to come in, what happened, and what both sides measured.", Lease)
        .Does(async session =>
        {
            var lease = session.Line.GetValue(Lease);
            try
            {
                Print(session, await Get(session, lease));
            }
            catch (RpcException refused) when (RpcFailure.From(refused).Reason == "NO_AGENT")
            {
                var plain = await LeaseCommands.Find(session, lease);
                session.Print.Card(Rows.Leases, plain, onlyKnown: true);
                session.Print.Heading("What its provider reported; its node has no agent");
                session.Print.Rows(LeaseCommands.Meter, plain.Meters);
            }
        });

    static void Print(Session session, Delivery delivery)
    {
        var print = session.Print;
        print.Card(Whole, delivery, onlyKnown: true);
        print.Heading("What runs");
        if (delivery.Workload is { } workload) print.Part(Work.Name, Work, workload);
        else print.Say("Nothing was given (cx leases run says what), or it is not yours to see.");
        print.Heading("What happened");
        print.Rows(Events, delivery.Events);
        print.Heading("What was measured, in GPU-seconds");
        print.Rows(Meters, delivery.Meters);
    }

    /// <summary>The delivery that a lease belongs to.</summary>
    public static async Task<Delivery> Get(Session session, long lease) =>
        (await session.Ask(cancel => session.Exchange.Deliveries.GetDeliveryAsync(new GetDeliveryRequest { LeaseId = lease }, cancellationToken: cancel))).Delivery;

    /// <summary>Where a delivery stands, in a line.</summary>
    public static string Line(Delivery delivery)
    {
        var words = $"lease {delivery.DeliveryId} {Show.Word(delivery.Phase)}";
        if (Show.WordOrNone(delivery.CloseReason) is { } reason) words += $": {reason}";
        if (delivery.Phase == DeliveryPhase.Interrupting && delivery.InterruptTime is not null)
            words += $": ends at {Show.Time(delivery.InterruptTime)}{(Show.WordOrNone(delivery.InterruptReason) is { } why ? $" ({why})" : "")}";
        if (delivery.HasExitCode) words += string.Create(System.Globalization.CultureInfo.InvariantCulture, $", exit code {delivery.ExitCode}");
        if (delivery.SshEndpoint.Length > 0 && delivery.Phase is DeliveryPhase.Active or DeliveryPhase.Interrupting) words += $", ssh at {delivery.SshEndpoint}";
        return delivery.Message.Length > 0 ? $"{words} ({delivery.Message})" : words;
    }
}
