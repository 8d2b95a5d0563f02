using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Runners;

/// <summary>The runners that work on this host.</summary>
public static class HostRunners
{
    private static readonly string[] Engines = ["docker", "podman"];

    /// <summary>Tries each. A simulated node has no GPUs to give to a container: it runs processes only.</summary>
    public static async Task<IReadOnlyList<IRunner>> Find(StateFolder state, bool simulated, HostLog log, CancellationToken cancel)
    {
        var runners = new List<IRunner>();
        var shim = new Shim(state.Scripts, state.Location);
        if (!simulated)
            foreach (var engine in Engines)
                if (await DockerRunner.IsThere(engine, cancel)) runners.Add(new DockerRunner(engine, shim));
        var missing = await ProcessRunner.Missing(cancel);
        if (missing.Length == 0) runners.Add(new ProcessRunner(shim, new ControlGroups(), Directory.Exists("/run/systemd/system") && Logs.Disk.IsRoot));
        else log.Line($"Commands cannot be run here: {missing}.");
        return runners;
    }
}
