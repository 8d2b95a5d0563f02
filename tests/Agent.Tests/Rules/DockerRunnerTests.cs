using ComputeExchange.Agent.Runners;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Rules;

/// <summary>What the runner tells a container engine, as a script in the engine's place hears it.</summary>
public sealed class DockerRunnerTests : IDisposable
{
    private const string Secret = "a-secret-value";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-docker-");
    private readonly StateFolder _state;
    private readonly string _engine;

    public DockerRunnerTests()
    {
        _state = StateFolder.Open(Path.Combine(_folder.FullName, "state"));
        Shim.Unpack(_state.Scripts);
        _engine = Path.Combine(_folder.FullName, "docker");
        // Notes every call; a container is a file that holds its exit code once it has ended.
        File.WriteAllText(_engine, $$"""
            #!/bin/sh
            cd "{{_folder.FullName}}"
            for word in "$@"; do printf '[%s]' "$word"; done >>calls; echo >>calls
            case "$1 $2" in
              "image inspect") [ -f pulled ] ;;
              "pull --quiet") case "$3" in *missing*) echo "Error: manifest unknown" >&2; exit 1 ;; *away*) echo "dial tcp: i/o timeout" >&2; exit 1 ;; esac; touch pulled ;;
              "network inspect") [ -f network ] && echo 127.0.0.1 ;;
              "network create") touch network ;;
              "network rm") rm network ;;
              "run --rm") grep -q sshd image-has ;;
              "run --detach") for word in "$@"; do case "$before" in --env-file) cp "$word" env-seen; stat -c %a "$word" >env-mode ;; esac; before=$word; done
                [ -f refuses ] && { echo "docker: could not select device driver" >&2; exit 125; }
                touch container; echo 4711 ;;
              "logs --follow") echo "printed by the container"; while [ -f container ] && [ ! -f ended ]; do sleep 0.05; done ;;
              "wait "*) cat ended ;;
              "stop --time") echo 137 >ended ;;
              "rm --force") rm -f container ended ;;
              "ps --all") [ -f container ] && echo 4711; true ;;
              "port "*) echo 0.0.0.0:32768 ;;
            esac
            """);
        File.SetUnixFileMode(_engine, (UnixFileMode)0b111_101_101);
        File.WriteAllText(Path.Combine(_folder.FullName, "image-has"), "");
    }

    [Fact]
    public async Task A_container_gets_exactly_its_GPUs_its_limits_and_no_rights_and_leaves_nothing()
    {
        var runner = Runner();
        var room = Room(new Workload { Image = "cuda:12", Command = { "python", "train.py" }, Environment = { ["TOKEN"] = Secret } });
        (await runner.Prepare(room, Cancel)).ShouldBeOfType<Prepared.Done>();
        await runner.Start(room, Cancel);
        runner.Look(room).State.ShouldBe(RunState.Running);

        var run = Calls().Single(call => call.StartsWith("[run][--detach]"));
        run.ShouldContain("""[--gpus]["device=GPU-a,GPU-b"]""");
        run.ShouldContain("[--cpus][6]");
        run.ShouldContain("[--memory][1000b]");
        run.ShouldContain("[--security-opt][no-new-privileges][--cap-drop][ALL]");
        run.ShouldContain("[--network][cx-delivery-5]");
        run.ShouldContain("[--label][computeexchange.delivery=5]");
        run.ShouldNotContain("--cap-add");
        run.ShouldEndWith("[cuda:12][python][train.py]");
        string.Concat(Calls()).ShouldNotContain(Secret);
        Text("env-seen").ShouldContain($"TOKEN={Secret}\n");
        Text("env-seen").ShouldContain("CX_METADATA_SOCKET=/run/cx/metadata.sock\n");
        Text("env-mode").Trim().ShouldBe("600");
        File.Exists(Path.Combine(room.Folder, "env.1")).ShouldBeFalse();

        await runner.Stop(room, TimeSpan.FromSeconds(20), Cancel);
        Calls().ShouldContain("[stop][--time][20][4711]");
        File.ReadAllText(Path.Combine(room.Folder, "output.1")).ShouldBe("printed by the container\n");
        await runner.Remove(room, Cancel);
        (Directory.Exists(room.Folder), File.Exists(Path.Combine(_folder.FullName, "network"))).ShouldBe((false, false));
    }

    [Fact]
    public async Task The_exit_code_of_a_container_is_known_to_an_agent_that_comes_later()
    {
        var room = Room(new Workload { Image = "cuda:12" });
        var runner = Runner();
        await runner.Prepare(room, Cancel);
        await runner.Start(room, Cancel);
        File.WriteAllText(Path.Combine(_folder.FullName, "ended"), "3\n");

        var later = Runner();
        while (later.Look(room).State == RunState.Running) await Task.Delay(20, Cancel);

        later.Look(room).ExitCode.ShouldBe(3);
    }

    [Fact]
    public async Task SSH_is_let_in_where_the_image_has_a_server_and_otherwise_the_buyer_is_told()
    {
        var workload = new Workload { Image = "cuda:12", SshPublicKeys = { "ssh-ed25519 AAAA buyer" } };
        var runner = Runner();
        var room = Room(workload);
        await runner.Prepare(room, Cancel);
        (await runner.Start(room, Cancel)).ShouldBe(new Started(0, "SSH keys were given; the image has no SSH server."));
        await runner.Stop(room, TimeSpan.Zero, Cancel);

        File.WriteAllText(Path.Combine(_folder.FullName, "image-has"), "sshd");
        var second = room with { Run = 2 };
        (await runner.Start(second, Cancel)).SshPort.ShouldBe(32_768);
        Calls().Last(call => call.StartsWith("[run][--detach]")).ShouldContain("[--publish][22]");
        File.ReadAllText(Path.Combine(room.Folder, "authorized_keys")).ShouldBe("ssh-ed25519 AAAA buyer\n");
        await runner.Remove(second, Cancel);
    }

    [Fact]
    public async Task What_cannot_start_is_said_whose_fault_it_is()
    {
        var runner = Runner();
        (await runner.Prepare(Room(new Workload { Image = "missing:1" }), Cancel)).ShouldBeOfType<Prepared.BuyersFault>().Message.ShouldContain("manifest unknown");
        (await runner.Prepare(Room(new Workload { Image = "away:1" }), Cancel)).ShouldBeOfType<Prepared.HostsFault>().Message.ShouldContain("i/o timeout");
        (await runner.Prepare(Room(new Workload { Image = "a", Environment = { ["KEY"] = "two\nlines" } }), Cancel)).ShouldBeOfType<Prepared.BuyersFault>().Message.ShouldContain("KEY");

        File.WriteAllText(Path.Combine(_folder.FullName, "refuses"), "");
        var room = Room(new Workload { Image = "cuda:12" });
        await runner.Prepare(room, Cancel);
        await runner.Start(room, Cancel);
        while (runner.Look(room).State == RunState.Running) await Task.Delay(20, Cancel);
        runner.Look(room).Message.ShouldContain("could not select device driver");
    }

    [Fact]
    public void Podman_is_given_devices_by_their_names_in_CDI()
    {
        var words = ContainerCommand.Run("podman", Room(new Workload { Image = "cuda:12" }), "/env", ssh: false);

        string.Join(' ', words).ShouldContain("--device nvidia.com/gpu=GPU-a --device nvidia.com/gpu=GPU-b");
        words.ShouldNotContain("--gpus");
    }

    public void Dispose()
    {
        ProcessTree.KillRoom(Path.Combine(_state.Rooms, "5"), CancellationToken.None).GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DockerRunner Runner() => new("docker", new Shim(_state.Scripts, _state.Location), _engine);

    private Room Room(Workload workload) => new()
    {
        DeliveryId = 5, Folder = Path.Combine(_state.Rooms, "5"), Run = 1, Workload = workload, GpuUuids = ["GPU-a", "GPU-b"], CpuCount = 6, MemoryBytes = 1_000,
    };

    private string Text(string file) => File.ReadAllText(Path.Combine(_folder.FullName, file));

    private string[] Calls() => File.ReadAllLines(Path.Combine(_folder.FullName, "calls"));
}
