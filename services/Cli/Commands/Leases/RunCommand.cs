using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Leases;

/// <summary><c>cx leases run</c>: what is to run on a lease, or on every lease that a bid buys.</summary>
public static class RunCommand
{
    static readonly Argument<string[]> Words = new("lease") { Description = "The lease's number; then -- and the command with its arguments. Without a command the image's own runs.", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Every lease that a bid buys, instead of one lease.</summary>
    public static readonly Option<long?> Bid = CommandShape.MayWhole<long>("--bid", "BID", "Every lease that this bid buys, instead of one lease.");

    static readonly Option<string?> Image = CommandShape.May("--image", "IMAGE", "A container image, for example docker.io/library/python:3.12. Default: the command runs as a plain process.");
    static readonly Option<string[]> Variables = new("--env", "-e") { Description = "A variable of its environment; without a value, that of your own environment. The value is kept secret: it is never shown or logged. May be repeated.", HelpName = "NAME=VALUE" };
    static readonly Option<string[]> Files = new("--env-file") { Description = "A file with a NAME=VALUE a line; # begins a remark. --env goes before it. May be repeated.", HelpName = "FILE" };
    static readonly Option<string[]> Keys = new("--ssh-key") { Description = "A file with a public key that may come in by SSH, for example ~/.ssh/id_ed25519.pub. May be repeated.", HelpName = "FILE" };
    static readonly Option<int?> Cpus = CommandShape.MayWhole<int>("--cpus", "N", "CPU cores at most. Default: its share of the host's by its GPUs.");
    static readonly Option<string?> Memory = CommandShape.May("--memory", "SIZE", "Memory at most, for example 64G. Default: its share.");
    static readonly Option<string?> Disk = CommandShape.May("--disk", "SIZE", "Disk at most, for example 200G. Default: its share.");
    static readonly Option<bool> Restart = new("--restart") { Description = "Start it again when it ends with an exit code other than 0." };

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("run", "Say what is to run: cx leases run 12 --image IMAGE --env KEY=VALUE -- python train.py. Another workload replaces what runs.",
            Words, Bid, Image, Variables, Files, Keys, Cpus, Memory, Disk, Restart, CommandShape.RequestId)
        .Does(async session =>
        {
            var (lease, command) = Read(session);
            var workload = new Workload
            {
                Image = session.Line.GetValue(Image) ?? "",
                Command = { command },
                CpuCount = session.Line.GetValue(Cpus) ?? 0,
                MemoryBytes = session.Line.GetValue(Memory) is { } memory ? SizeWords.Parse(Memory.Name, memory) : 0,
                DiskBytes = session.Line.GetValue(Disk) is { } disk ? SizeWords.Parse(Disk.Name, disk) : 0,
                RestartOnFailure = session.Line.GetValue(Restart),
            };
            if (workload.Image.Length == 0 && command.Count == 0 && session.Line.GetValue(Keys) is not { Length: > 0 })
                throw new InputException("--image: say what is to run: an image, a command after --, or an --ssh-key to come in with.");
            foreach (var (name, value) in await Environment(session)) workload.Environment[name] = value;
            foreach (var file in session.Line.GetValue(Keys) ?? []) workload.SshPublicKeys.Add(WorkloadFiles.PublicKeys(Keys.Name, file, await File.ReadAllLinesAsync(file, session.Cancel)));

            var request = new SetWorkloadRequest
            {
                WorkloadId = IdWords.Request(session.Line.GetValue(CommandShape.RequestId)),
                LeaseId = lease,
                BidId = session.Line.GetValue(Bid) ?? 0,
                Workload = workload,
            };
            await session.Ask(cancel => session.Exchange.Deliveries.SetWorkloadAsync(request, cancellationToken: cancel));
            var where = lease > 0 ? $"lease {lease}" : $"what bid {request.BidId} buys";
            session.Print.Say($"{where} runs {Told(workload)} (request {request.WorkloadId})");
            session.Print.Field("workload_id", request.WorkloadId);
            session.Print.Field("lease_id", lease > 0 ? lease : null);
            session.Print.Field("bid_id", request.BidId > 0 ? request.BidId : null);
        });

    /// <summary>The lease, where no bid was named, and the command: what stands after <c>--</c>, or after the lease.</summary>
    static (long Lease, IReadOnlyList<string> Command) Read(Session session)
    {
        var words = session.Line.GetValue(Words) ?? [];
        var after = session.Line.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        var before = words[..^after];
        if (session.Line.GetValue(Bid) is { } bid)
        {
            return before.Length == 0
                ? (0, words)
                : throw new InputException($"lease: give a lease or --bid, not both; a command stands after --, for example cx leases run --bid {bid} -- {string.Join(' ', before)}.");
        }
        return before.Length > 0 && long.TryParse(before[0], NumberStyles.None, CultureInfo.InvariantCulture, out var lease) && lease > 0
            ? (lease, words[1..])
            : throw new InputException(before.Length > 0 ? $"lease: \"{before[0]}\" is not a lease's number." : "lease: name one, or a bid with --bid; a command stands after --, for example cx leases run 12 -- python train.py.");
    }

    static async Task<Dictionary<string, string>> Environment(Session session)
    {
        var variables = new Dictionary<string, string>();
        foreach (var file in session.Line.GetValue(Files) ?? [])
        {
            var lines = await File.ReadAllLinesAsync(file, session.Cancel);
            for (var i = 0; i < lines.Length; i++)
                if (WorkloadFiles.Variable(string.Create(CultureInfo.InvariantCulture, $"{Files.Name}: {file}, line {i + 1}"), lines[i], isFile: true) is var (name, value)) variables[name] = value;
        }
        foreach (var text in session.Line.GetValue(Variables) ?? [])
            if (WorkloadFiles.Variable(Variables.Name, text, isFile: false) is var (name, value)) variables[name] = value;
        return variables;
    }

    /// <summary>What runs, in words; of the environment the names only.</summary>
    static string Told(Workload workload)
    {
        var what = workload.Command.Count > 0 ? $"\"{string.Join(' ', workload.Command)}\"" : workload.Image.Length > 0 ? "its own command" : "no command";
        var words = workload.Image.Length > 0 ? $"{what} in {workload.Image}" : what;
        if (workload.Environment.Count > 0) words += $" with {string.Join(", ", workload.Environment.Keys.Order(StringComparer.Ordinal))}";
        return workload.SshPublicKeys.Count > 0 ? $"{words}, open to {workload.SshPublicKeys.Count} SSH {(workload.SshPublicKeys.Count == 1 ? "key" : "keys")}" : words;
    }
}
