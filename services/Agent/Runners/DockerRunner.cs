using System.Globalization;
using System.Text;

namespace ComputeExchange.Agent.Runners;

/// <summary>Runs container images by the command line of Docker or Podman, with exactly the leased GPUs.</summary>
/// <param name="engine">"docker" or "podman".</param>
/// <param name="shim">What stands beside the containers.</param>
/// <param name="program">The engine's program; null: found by its name.</param>
public sealed class DockerRunner(string engine, Shim shim, string? program = null) : IRunner
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PullPatience = TimeSpan.FromMinutes(30);

    // What an engine says when it is the image's name that is wrong, and not the host.
    private static readonly string[] NoSuchImage =
        ["manifest unknown", "not found", "pull access denied", "unauthorized", "denied:", "invalid reference", "does not exist", "no matching manifest"];

    private readonly string _program = program ?? engine;

    public string Name => engine;

    /// <summary>Whether an engine answers on this host.</summary>
    public static async Task<bool> IsThere(string engine, CancellationToken cancel) =>
        HostCommand.Find(engine) is not null
        && (await HostCommand.Run(engine, ["version", "--format", engine == "docker" ? "{{.Server.Version}}" : "{{.Version}}"], TimeSpan.FromSeconds(10), cancel)).IsGood;

    public async Task<Prepared> Prepare(Room room, CancellationToken cancel)
    {
        if (room.Workload.Environment.FirstOrDefault(pair => pair.Value.AsSpan().ContainsAny('\n', '\r')).Key is { } broken)
            return new Prepared.BuyersFault($"The value of {broken} has a line break, which {engine} does not take in an environment.");
        room.MakeFolders(forUser: false);
        // Whoever an image runs as may write there; nobody else reaches it but the host's own administrator.
        File.SetUnixFileMode(room.Home, (UnixFileMode)0b111_111_111);

        if (!(await Ask(["image", "inspect", "--format", "{{.Id}}", room.Workload.Image], cancel)).IsGood)
        {
            var pulled = await HostCommand.Run(_program, ["pull", "--quiet", room.Workload.Image], PullPatience, cancel);
            if (!pulled.IsGood)
                return NoSuchImage.Any(words => pulled.Error.Contains(words, StringComparison.OrdinalIgnoreCase))
                    ? new Prepared.BuyersFault($"The image '{room.Workload.Image}' cannot be had: {LastLine(pulled.Error)}")
                    : new Prepared.HostsFault($"The image '{room.Workload.Image}' could not be fetched: {LastLine(pulled.Error)}");
        }
        if ((await Ask(["network", "inspect", ContainerCommand.NetworkOf(room)], cancel)).IsGood) return new Prepared.Done();
        var made = await Ask(["network", "create", "--label", ContainerCommand.LabelOf(room), ContainerCommand.NetworkOf(room)], cancel);
        return made.IsGood ? new Prepared.Done() : new Prepared.HostsFault($"The network could not be made: {LastLine(made.Error)}");
    }

    /// <summary>The host's address in a room's network; null where it is not known.</summary>
    public async Task<string?> GatewayOf(Room room, CancellationToken cancel)
    {
        var format = engine == "docker" ? "{{(index .IPAM.Config 0).Gateway}}" : "{{(index .Subnets 0).Gateway}}";
        var said = await Ask(["network", "inspect", "--format", format, ContainerCommand.NetworkOf(room)], cancel);
        return said.IsGood && System.Net.IPAddress.TryParse(said.Output, out _) ? said.Output : null;
    }

    public async Task<Started> Start(Room room, CancellationToken cancel)
    {
        var ssh = room.Workload.SshPublicKeys.Count > 0 && await HasSsh(room, cancel);
        if (ssh) State.StateFolder.Write(Path.Combine(room.Folder, "authorized_keys"), Encoding.UTF8.GetBytes(string.Join('\n', room.Workload.SshPublicKeys) + "\n"));
        var environment = Path.Combine(room.Folder, $"env.{room.Run}");
        var lines = WorkloadEnvironment.Of(room, null, "/run/cx/metadata.sock").Select(pair => $"{pair.Key}={pair.Value}\n");
        State.StateFolder.Write(environment, Encoding.UTF8.GetBytes(string.Concat(lines)));
        shim.Start(room, "container.sh", [], [_program, .. ContainerCommand.Run(engine, room, environment, ssh).Skip(1)], Settings(room, ""));
        await UntilStarted(room, cancel);
        var remark = room.Workload.SshPublicKeys.Count > 0 && !ssh ? "SSH keys were given; the image has no SSH server." : "";
        return ssh && Look(room).State == RunState.Running ? new Started(await LetSshIn(room, cancel)) : new Started(Remark: remark);
    }

    public RunLook Look(Room room)
    {
        var look = shim.Look(room);
        if (look.State == RunState.Ended && look.ExitCode == 125 && look.Message.Length > 0)
            return look with { Message = $"{engine} could not start it: {LastLine(look.Message)}" };
        if (look.State != RunState.Gone) return look;

        // The shim is gone and the container may not be: somebody ended the one, or only the agent's half of the host was started anew.
        var said = Ask(["inspect", "--format", "{{.State.Running}} {{.State.ExitCode}}", ContainerCommand.NameOf(room)], CancellationToken.None).GetAwaiter().GetResult();
        if (!said.IsGood || said.Output.Split(' ') is not [var running, var code]) return look;
        if (running != "true") return new RunLook(RunState.Ended, int.TryParse(code, CultureInfo.InvariantCulture, out var exit) ? exit : null);
        var output = Path.Combine(room.Folder, $"output.{room.Run}");
        var since = File.Exists(output) ? File.GetLastWriteTimeUtc(output) : DateTime.UnixEpoch;
        shim.Start(room, "container.sh", [], [], Settings(room, since.ToString("O", CultureInfo.InvariantCulture)));
        return new RunLook(RunState.Running);
    }

    public Task Signal(Room room, string signal, CancellationToken cancel) => Ask(["kill", "--signal", signal, ContainerCommand.NameOf(room)], cancel);

    public async Task Stop(Room room, TimeSpan grace, CancellationToken cancel)
    {
        var seconds = ((int)Math.Ceiling(grace.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        foreach (var name in await Containers(room, cancel))
        {
            await HostCommand.Run(_program, ["stop", "--time", seconds, name], grace + Short, cancel);
            await UntilWritten(room, cancel);
            await Ask(["rm", "--force", "--volumes", name], cancel);
        }
        await ProcessTree.KillRoom(room.Folder, cancel);
        if (await Containers(room, cancel) is { Count: > 0 } left) throw new RunnerException($"The container {left[0]} does not end.");
    }

    public async Task Remove(Room room, CancellationToken cancel)
    {
        await Stop(room, TimeSpan.Zero, cancel);
        var network = ContainerCommand.NetworkOf(room);
        if ((await Ask(["network", "inspect", network], cancel)).IsGood && !(await Ask(["network", "rm", network], cancel)).IsGood)
            throw new RunnerException($"The network {network} could not be removed.");
        RoomFolder.Remove(room.Folder);
    }

    public string? Namespace(Room room)
    {
        var said = Ask(["inspect", "--format", "{{.State.Pid}}", ContainerCommand.NameOf(room)], CancellationToken.None).GetAwaiter().GetResult();
        return said.IsGood && int.TryParse(said.Output, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? ProcessTree.NamespaceOf(pid) : null;
    }

    private Dictionary<string, string> Settings(Room room, string since)
    {
        var settings = new Dictionary<string, string> { ["CX_ENGINE"] = _program, ["CX_NAME"] = ContainerCommand.NameOf(room), ["CX_SINCE"] = since };
        // Where the engine is and who asks it: its own settings, which are the host's.
        foreach (var name in new[] { "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_API_VERSION", "CONTAINER_HOST" })
            if (Environment.GetEnvironmentVariable(name) is { } value) settings[name] = value;
        return settings;
    }

    private async Task<bool> HasSsh(Room room, CancellationToken cancel) =>
        (await Ask(["run", "--rm", "--pull", "never", "--network", "none", "--label", ContainerCommand.LabelOf(room), "--entrypoint", "/bin/sh", room.Workload.Image, "-c", "command -v sshd || test -x /usr/sbin/sshd"], cancel)).IsGood;

    private async Task<int> LetSshIn(Room room, CancellationToken cancel)
    {
        const string serve = "mkdir -p /run/sshd; ssh-keygen -A >/dev/null 2>&1; exec \"$(command -v sshd || echo /usr/sbin/sshd)\" -D";
        await Ask(["exec", "--detach", "--user", "0", ContainerCommand.NameOf(room), "/bin/sh", "-c", serve], cancel);
        var said = await Ask(["port", ContainerCommand.NameOf(room), "22/tcp"], cancel);
        var port = said.Output.Split('\n')[0].Split(':')[^1];
        return said.IsGood && int.TryParse(port, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private async Task UntilStarted(Room room, CancellationToken cancel)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var environment = Path.Combine(room.Folder, $"env.{room.Run}");
        while (File.Exists(environment) && shim.Look(room).State == RunState.Running && TimeProvider.System.GetElapsedTime(begun) < Short)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
    }

    // Its last lines and how it ended are read from the engine, which knows them until the container is removed.
    private async Task UntilWritten(Room room, CancellationToken cancel)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (shim.Look(room).State == RunState.Running && TimeProvider.System.GetElapsedTime(begun) < LastWords)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
    }

    private async Task<IReadOnlyList<string>> Containers(Room room, CancellationToken cancel)
    {
        var said = await Ask(["ps", "--all", "--quiet", "--filter", $"label={ContainerCommand.LabelOf(room)}"], cancel);
        if (!said.IsGood) throw new RunnerException($"{engine} does not answer: {LastLine(said.Error)}");
        return said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private Task<HostAnswer> Ask(IEnumerable<string> words, CancellationToken cancel) => HostCommand.Run(_program, words, Short, cancel);

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault("it did not say why");
}
