using System.Text;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.Runners;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeExchange.Agent;

/// <summary>Makes this host a node.</summary>
public static class Enrolment
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes the key, shows the token and what is there, and keeps which node the exchange made of it.</summary>
    /// <exception cref="AgentTroubleException">It was refused, or could not be asked.</exception>
    public static async Task<NodeFile> Enrol(
        StateFolder state, Uri exchange, string tokenText, string publicAddress, HardwareSettings settings, HostLog log, TimeProvider clock, CancellationToken cancel)
    {
        var token = EnrolmentToken.Parse(tokenText);
        using var _ = state.Take();
        if (NodeFile.Find(state) is { } known)
            throw new AgentTroubleException($"This host is node {known.NodeId} of {known.Exchange} already ({state.NodeFile}). For another node name another folder with --state.");
        using var hardware = HostHardware.Open(settings);
        var found = hardware.Read();
        var runners = await HostRunners.Find(state, hardware.IsSimulated, log, cancel);
        using var key = NodeKey.OpenOrMake(state);
        using var door = new ExchangeDoor(exchange, token.Pin);
        var request = new EnrolRequest
        {
            Token = token.Text,
            PublicKey = ByteString.CopyFrom(key.Public),
            Inventory = InventoryWords.Written(found, runners.Select(runner => runner.Name)),
            AgentVersion = found.Host.AgentVersion,
            Proof = ByteString.CopyFrom(key.Sign(Encoding.UTF8.GetBytes(token.Text))),
        };
        try
        {
            var answer = await door.Agents.EnrolAsync(request, deadline: clock.GetUtcNow().UtcDateTime + Patience, cancellationToken: cancel);
            var node = new NodeFile
            {
                NodeId = answer.NodeId,
                Exchange = exchange,
                Pin = token.Pin,
                Market = answer.Market,
                Name = answer.Name,
                InventoryFile = settings.InventoryFile is { } file ? Path.GetFullPath(file) : null,
                PublicAddress = publicAddress,
            };
            node.Save(state);
            return node;
        }
        catch (RpcException refused)
        {
            throw new AgentTroubleException(LinkSentences.Of(refused, door, clock.GetUtcNow()), refused);
        }
    }
}
