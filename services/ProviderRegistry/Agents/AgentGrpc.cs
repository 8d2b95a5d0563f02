using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>The door of agents.</summary>
internal sealed class AgentGrpc(EnrolHandler enrol, NodeStreams streams, FailedTries failed) : AgentService.AgentServiceBase
{
    /// <inheritdoc />
    public override async Task<EnrolResponse> Enrol(EnrolRequest request, ServerCallContext context)
    {
        var place = PlaceOf(context.Peer);
        var now = TimeProvider.System.GetUtcNow();
        if (failed.TooMany(place, now))
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Too many tokens from here were not good: try again in a minute."));

        var command = Parse(request);
        if (!EnrolmentToken.CanBe(command.Token)) throw NotValid(place, now);
        return await enrol.Handle(command, context.CancellationToken) switch
        {
            EnrolOutcome.Enrolled node => new EnrolResponse { NodeId = node.NodeId.ToString(), Market = node.Market, Name = node.Name },
            EnrolOutcome.TokenNotValid => throw NotValid(place, now),
            EnrolOutcome.ClassUnknown unknown => throw Refuse.Rule("CLASS_UNKNOWN", unknown.Why, "inventory.gpus"),
            EnrolOutcome.MarketUnknown none => throw Refuse.Rule(
                "MARKET_UNKNOWN", $"There is no market {none.Market}: make a token for a region in which this class is traded, or ask the operator to open that market.", "inventory.gpus"),
            EnrolOutcome.SimulatedInRealMarket real => throw Refuse.Rule(
                "SIMULATED_IN_REAL_MARKET",
                $"{real.Market} is a market for real GPUs, and an inventory file stands for these: make a token for a region whose name begins with '{Regions.SimulatedPrefix}'.", "inventory.origin"),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override Task Connect(
        IAsyncStreamReader<ConnectRequest> requestStream, IServerStreamWriter<ConnectResponse> responseStream, ServerCallContext context) =>
        streams.Serve(Caller.Of(context).NodeId ?? throw Refuse.Denied("Only a node can do this."), requestStream, responseStream, context.CancellationToken);

    private RpcException NotValid(string place, DateTimeOffset now)
    {
        failed.Note(place, now);
        return Refuse.Denied("TOKEN_NOT_VALID", "The token is not known, was used by another host, or is past its time: make a new one.");
    }

    private static Enrol Parse(EnrolRequest request)
    {
        var wrong = new List<(string Field, string Description)>();
        if (request.Token.Length == 0) wrong.Add(("token", "is missing: give the one-time token as it was handed out."));
        if (request.AgentVersion.Length > NodeRules.TextLengthMax) wrong.Add(("agent_version", $"has {request.AgentVersion.Length} characters; it can have {NodeRules.TextLengthMax}."));
        wrong.AddRange(request.Inventory.Wrong("inventory"));
        using var key = NodeKeys.Import(request.PublicKey.Span);
        if (key is null) wrong.Add(("public_key", "is no public key of ECDSA over P-256 (SubjectPublicKeyInfo, DER)."));
        else if (!key.VerifyData(Encoding.UTF8.GetBytes(request.Token), request.Proof.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            wrong.Add(("proof", "is not the key's signature of the token (SHA-256, IEEE P1363)."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new Enrol(request.Token, request.PublicKey.ToByteArray(), request.Inventory, request.AgentVersion);
    }

    // "ipv4:10.0.0.7:41234", "ipv6:[::1]:41234": the port is another one each time.
    private static string PlaceOf(string peer) => peer.LastIndexOf(':') is > 0 and var colon ? peer[..colon] : peer;
}
