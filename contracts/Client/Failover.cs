using System.Net;

namespace ComputeExchange.Client;

/// <summary>Sends each call to that of several addresses which answered last, and the next call elsewhere when it does not serve.</summary>
/// <remarks>
/// Nothing is sent twice: the call that found nobody fails with UNAVAILABLE, and whoever repeats it finds the next address.
/// A stream stays where it was opened until it ends. A call that waits has the address looked after meanwhile, so that a
/// process that is frozen or cut off is given up in about a second, however long a call may rightly take.
/// <para>
/// No <see cref="DelegatingHandler"/>: gRPC's client looks through those for the handler that connects, and would connect to
/// the channel's own address whatever the request says.
/// </para>
/// </remarks>
internal sealed class Failover : HttpMessageHandler
{
    private const string Unavailable = "14";

    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMilliseconds(800);

    private readonly HttpMessageInvoker _connections;
    private readonly Place[] _places;
    private int _current;

    public Failover(IReadOnlyList<Uri> addresses, HttpMessageHandler connections)
    {
        _connections = new HttpMessageInvoker(connections);
        _places = [.. addresses.Select(address => new Place(address, _connections))];
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = Volatile.Read(ref _current);
        var place = _places[asked];
        request.RequestUri = new Uri(place.Address, request.RequestUri!.PathAndQuery);

        // Not disposed here: a stream that is sent goes on after its answer has begun, and must still hear its caller's cancel.
        var givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var answer = _connections.SendAsync(request, givenUp.Token);
            while (!answer.IsCompleted)
            {
                await ((Task)answer).WaitAsync(LookAfter, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (answer.IsCompleted || cancellationToken.IsCancellationRequested || await place.Lives()) continue;
                await givenUp.CancelAsync();
                await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!answer.IsCompletedSuccessfully) throw new HttpRequestException($"{place.Address} does not answer.");
            }
            var response = await answer;

            // A call that is refused before it has answered anything has its status among the headers.
            if (response.Headers.TryGetValues("grpc-status", out var status) && status.First() == Unavailable) MoveOn(asked);
            return response;
        }
        catch (HttpRequestException)
        {
            place.IsSilent = true;
            MoveOn(asked);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _connections.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>To the next address; past those that said nothing, as long as they say nothing. Of many calls that fail at once, one moves on.</summary>
    private void MoveOn(int from)
    {
        var to = from;
        for (var step = 1; step <= _places.Length; step++)
        {
            to = (from + step) % _places.Length;
            if (!_places[to].IsSilent) break;
            _ = _places[to].Lives();
        }
        if (_places[to].IsSilent) to = (from + 1) % _places.Length;
        Interlocked.CompareExchange(ref _current, to, from);
    }

    /// <summary>One address, and whether anybody is there.</summary>
    private sealed class Place(Uri address, HttpMessageInvoker connections)
    {
        private readonly Lock _gate = new();
        private Task<bool>? _looking;

        public Uri Address => address;

        /// <summary>Set when it said nothing, until it is heard again.</summary>
        public volatile bool IsSilent;

        /// <summary>Asks whether it is healthy; those who want to know at once share one question.</summary>
        public Task<bool> Lives()
        {
            lock (_gate) return _looking is { IsCompleted: false } ? _looking : _looking = Look();
        }

        private async Task<bool> Look()
        {
            using var late = new CancellationTokenSource(AnswerWithin);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/health")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                using var response = await connections.SendAsync(request, late.Token);
                IsSilent = false;
                return true;
            }
            catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                return false;
            }
        }
    }
}
