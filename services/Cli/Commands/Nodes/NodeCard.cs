using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Nodes;

/// <summary><c>cx nodes show</c>: what a node has, how it does, what is thought of it and how it is sold.</summary>
public static class NodeCard
{
    static readonly Sheet<NodeDetail> Whole = new Sheet<NodeDetail>("node", "")
        .Text("Node", "node_id", node => node.NodeId)
        .Text("Name", "name", node => node.Name)
        .Text("Market", "market", node => node.Market)
        .Text("Class", "product_class", node => node.ProductClass)
        .Flag("Simulated", "simulated", node => node.Simulated)
        .WordOrNone("State", "state", node => node.State)
        .Text("Why", "state_reason", node => node.StateReason)
        .Text("Put there by", "state_by", node => node.StateBy)
        .Time("Since", "state_time", node => node.StateTime)
        .WordOrNone("Presence", "presence", node => node.Presence)
        .Time("Last heard of", "last_seen_time", node => node.LastSeenTime)
        .Text("Country", "country", node => node.Country)
        .Text("Place", "location", node => node.Location)
        .Count("GPUs to sell", "sellable_gpu_count", node => node.SellableGpuCount)
        .Text("Why not more", "not_sellable_reason", node => node.NotSellableReason)
        .Text("Agent", "agent_version", node => node.AgentVersion)
        .Text("Provider", "provider_id", node => node.ProviderId);

    static readonly Sheet<NodeInventory> Host = new Sheet<NodeInventory>("inventory", "")
        .Text("Known from", "origin", host => host.Origin)
        .Text("Driver", "driver_version", host => host.DriverVersion)
        .Text("CUDA", "cuda_version", host => host.CudaVersion)
        .Text("CPU", "cpu_model", host => host.CpuModel)
        .Count("Cores", "cpu_count", host => host.CpuCount)
        .Bytes("Memory", "memory_bytes", host => host.MemoryBytes)
        .Bytes("Disk", "disk_bytes", host => host.DiskBytes)
        .Bytes("of it free", "disk_free_bytes", host => host.DiskFreeBytes)
        .Count("Network Mbit/s", "network_mbps", host => host.NetworkMbps > 0 ? host.NetworkMbps : null)
        .Text("System", "system", host => host.System)
        .List("Runners", "runners", host => host.Runners);

    static readonly Sheet<Gpu> Gpus = new Sheet<Gpu>("gpus", "No GPUs are known of it.")
        .Number("GPU", "gpu_index", gpu => gpu.Index)
        .Text("Name", "name", gpu => gpu.Facts?.Name)
        .Bytes("Memory", "memory_bytes", gpu => gpu.Facts?.MemoryBytes ?? 0)
        .Text("Use", "use", gpu => gpu.Use?.Use)
        .Add("Lease", "lease_id", gpu => gpu.Lease?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "", gpu => gpu.Lease, isNumber: true)
        .Time("Since", "since_time", gpu => gpu.Use?.SinceTime)
        .Text("Health", "health", gpu => gpu.Sample is not { } sample ? null : sample.Healthy ? "healthy" : sample.Trouble.Length > 0 ? sample.Trouble : "unhealthy")
        .Count("°C", "temperature_celsius", gpu => gpu.Sample?.TemperatureCelsius)
        .Count("W", "power_watts", gpu => gpu.Sample is { } sample ? sample.PowerMilliwatts / 1000 : null)
        .Count("Load %", "utilisation_percent", gpu => gpu.Sample?.UtilisationPercent)
        .Bytes("In use", "memory_used_bytes", gpu => gpu.Sample?.MemoryUsedBytes ?? 0)
        .Count("Owner's processes", "foreign_process_count", gpu => gpu.Sample?.ForeignProcessCount)
        .Numbers("NVLink to", "nvlink_peers", gpu => gpu.Facts?.NvlinkPeers.Select(peer => (long)peer) ?? [])
        .Flag("MIG", "mig", gpu => gpu.Facts?.Mig ?? false)
        .Text("PCI", "pci_bus_id", gpu => gpu.Facts?.PciBusId)
        .Text("UUID", "uuid", gpu => gpu.Facts?.Uuid);

    static readonly Sheet<Reputation> Score = new Sheet<Reputation>("reputation", "")
        .Ppm("Score", "score_ppm", score => score.ScorePpm)
        .Text("Made so", "formula", score => score.Formula)
        .Ppm("Delivered, half-life 30 days", "delivery_ppm", score => score.DeliveryPpm)
        .Ppm("Heard of, last 30 days", "uptime_ppm", score => score.UptimePpm)
        .Count("Failures, last 90 days", "failure_count", score => score.FailureCount)
        .Count("Days since its last passed test", "verification_age_days", score => score.VerificationAgeDays < 0 ? null : score.VerificationAgeDays)
        .GpuMinutes("Sold GPU-h", "sold_gpu_minutes", score => score.SoldGpuSeconds / 60)
        .GpuMinutes("Delivered GPU-h", "delivered_gpu_minutes", score => score.DeliveredGpuSeconds / 60);

    /// <summary>A test and what it means.</summary>
    public static readonly Sheet<NodeTest> Test = new Sheet<NodeTest>("test", "")
        .Text("Test", "test_id", test => test.TestId)
        .Text("Occasion", "occasion", test => test.Occasion)
        .Time("Asked", "asked_time", test => test.AskedTime)
        .Time("Done", "done_time", test => test.DoneTime)
        .Add("Result", "passed", test => test.DoneTime is null ? "not yet" : test.Passed ? "passed" : "failed", test => test.DoneTime is null ? null : test.Passed);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("show", "One node: what it has, what each GPU does, its last test, its score and how that is made, how it is sold.", NodeNames.Node)
        .Does(async session => Print(session, await Get(session, await NodeNames.Read(session))));

    /// <summary>All that is known of a node.</summary>
    public static async Task<NodeDetail> Get(Session session, string id) =>
        (await session.Ask(cancel => session.Exchange.Nodes.GetNodeAsync(new GetNodeRequest { NodeId = id }, cancellationToken: cancel))).Node;

    /// <summary>Prints it.</summary>
    public static void Print(Session session, NodeDetail node)
    {
        var print = session.Print;
        print.Card(Whole, node, onlyKnown: true);
        if (node.Simulated) print.Say("An inventory file stands for its hardware: it is sold in simulated markets only.");
        if (node.Inventory is { } inventory)
        {
            print.Heading("What it has");
            print.Part("inventory", Host, inventory);
        }
        print.Heading("GPUs");
        print.Rows(Gpus, Join(node));

        print.Heading("Last test");
        if (node.LastTest is { } test) PrintTest(session, "last_test", test);
        else print.Say("None yet: cx nodes test asks for one.");

        if (node.Reputation is { } score)
        {
            print.Heading("Score");
            print.Part("reputation", Score, score);
        }
        print.Heading("How it is sold while it is idle");
        if (node.Policy is { } policy) print.Part("policy", PolicyCommand.Sheet, policy);
        else print.Say("By hand only: cx nodes policy sets how it is sold by itself.");
        print.Heading("Maintenance to come");
        print.Rows(MaintenanceCommands.Windows, node.Maintenance);
    }

    /// <summary>Prints a test, one line a finding.</summary>
    public static void PrintTest(Session session, string name, NodeTest test)
    {
        session.Print.Part(name, session.Print.IsJson ? WithFindings : Test, test);
        foreach (var finding in test.Findings) session.Print.Say($"  {finding}");
        if (test.Report is { Failure.Length: > 0 } report) session.Print.Say($"  could not be made: {report.Failure}");
    }

    static Sheet<NodeTest> WithFindings
    {
        get
        {
            var sheet = new Sheet<NodeTest>(Test.Name, "");
            foreach (var column in Test.Columns) sheet.Add(column.Header, column.Field, column.Text, column.Json, column.IsNumber);
            return sheet.List("Findings", "findings", test => test.Findings).Text("Failure", "failure", test => test.Report?.Failure);
        }
    }

    static IEnumerable<Gpu> Join(NodeDetail node)
    {
        var facts = node.Inventory?.Gpus.ToLookup(gpu => gpu.GpuIndex);
        var samples = node.Samples.ToLookup(gpu => gpu.GpuIndex);
        var uses = node.Uses.ToLookup(gpu => gpu.GpuIndex);
        return (facts?.Select(gpu => gpu.Key) ?? []).Union(uses.Select(gpu => gpu.Key)).Order()
            .Select(index => new Gpu(index, facts?[index].FirstOrDefault(), samples[index].FirstOrDefault(), uses[index].FirstOrDefault()));
    }

    /// <summary>A GPU with all that is said of it in several places.</summary>
    sealed record Gpu(int Index, GpuFacts? Facts, GpuSample? Sample, GpuUse? Use)
    {
        public long? Lease => Use is { LeaseId: > 0 } use ? use.LeaseId : null;
    }
}
