using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using ComputeExchange.Participants.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>The participants' own keys: made by the operator, kept in the data folder as <c>keys/NAME</c>, and a client for each.</summary>
/// <remarks>
/// A key is told once. It is written down before it is used; what was lost between its making and its writing is made
/// again under the next id. A kept key that is another's, or of an exchange that is no more, is replaced.
/// </remarks>
public sealed class Keyring(Connection connection, ExchangeClient operators, Calls calls, IReadOnlyList<Seat> seats, PlanIds ids, string label = "cx replay") : IDisposable
{
    const int MostKeys = 100;

    readonly Dictionary<string, ExchangeClient> _clients = [];

    /// <summary>The exchange as the operator sees it.</summary>
    public ExchangeClient Operator => operators;

    /// <summary>The exchange as a participant sees it.</summary>
    public ExchangeClient this[Seat seat] => _clients[seat.Name];

    /// <summary>Finds or makes everyone's key.</summary>
    public async Task Open()
    {
        Directory.CreateDirectory(Path.Combine(connection.Data, "keys"));
        foreach (var seat in seats) _clients[seat.Name] = await Kept(seat) ?? await Made(seat);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var client in _clients.Values) client.Dispose();
    }

    async Task<ExchangeClient?> Kept(Seat seat)
    {
        var path = connection.KeyFile(seat.Name);
        if (!File.Exists(path) || (await File.ReadAllTextAsync(path, calls.Cancel)).Trim() is not { Length: > 0 } key) return null;
        var client = Client(key);
        try
        {
            var seen = await calls.Ask(cancel => client.Participants.ListParticipantsAsync(new ListParticipantsRequest(), cancellationToken: cancel));
            if (seen.Participants.Count == 1 && seen.Participants[0].ParticipantId == seat.Id.ToString()) return client;
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
        {
            // Of another exchange: a new one is made.
        }
        client.Dispose();
        return null;
    }

    async Task<ExchangeClient> Made(Seat seat)
    {
        for (var attempt = 0; attempt < MostKeys; attempt++)
        {
            var request = new CreateKeyRequest
            {
                RequestId = ids.Of(FormattableString.Invariant($"key {seat.Name} {attempt}")).ToString(),
                ParticipantId = seat.Id.ToString(),
                Label = label,
                DayCount = 365,
            };
            var reply = await calls.Ask(cancel => operators.Participants.CreateKeyAsync(request, cancellationToken: cancel));
            if (reply.Key.Length == 0) continue;
            Write(connection.KeyFile(seat.Name), reply.Key);
            return Client(reply.Key);
        }
        throw new InputException($"{seat.Name}: {MostKeys} keys of it were made and lost; use another --seed.");
    }

    /// <summary>Whole or not at all, and for nobody else's eyes.</summary>
    static void Write(string path, string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(path + ".new", options)) file.WriteLine(key);
        File.Move(path + ".new", path, overwrite: true);
    }

    ExchangeClient Client(string key) => new(connection.Addresses, key);
}
