using ComputeExchange.Access.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

public sealed class RegisterNodeTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly Guid Another = Guid.Parse("11111111-0000-0000-0000-000000000002");

    private Registry _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await Registry.Open(database);

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task The_model_is_what_the_migrations_make() =>
        (await _registry.InDb(db => Task.FromResult(db.Database.HasPendingModelChanges()))).ShouldBeFalse();

    [Fact]
    public async Task A_registered_node_is_told_to_the_engine_and_listed()
    {
        var node = await _registry.Register(gpuCount: 8);

        node.ReliabilityPpm.ShouldBe(1_000_000);
        var told = (await _registry.Asked()).ShouldHaveSingleItem().SetNode;
        (told.NodeId, told.ProviderId, told.Market, told.GpuCount).ShouldBe(
            (_registry.Node.ToString(), _registry.Provider.ToString(), Registry.Market, 8));
        (await List(_registry.Provider, Role.Provider)).ShouldBe([node]);
    }

    [Fact]
    public async Task A_repetition_returns_the_first_outcome_and_tells_the_engine_nothing()
    {
        var request = Guid.NewGuid();
        var first = await _registry.Register(gpuCount: 8, requestId: request);
        await _registry.Register(gpuCount: 4);

        (await _registry.Register(gpuCount: 8, requestId: request)).ShouldBe(first);
        (await _registry.Asked()).Select(command => command.SetNode.GpuCount).ShouldBe([8, 4]);
        (await List(_registry.Provider, Role.Provider)).ShouldHaveSingleItem().GpuCount.ShouldBe(4);
    }

    [Fact]
    public async Task A_request_id_is_not_used_twice_for_different_things()
    {
        var request = Guid.NewGuid();
        await _registry.Register(gpuCount: 8, requestId: request);
        await _registry.Register(gpuCount: 7, requestId: request).ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task Two_providers_may_choose_the_same_request_id()
    {
        var request = Guid.NewGuid();
        await _registry.Register(requestId: request);
        await _registry.Register(requestId: request, nodeId: Guid.NewGuid(), provider: Another);
        (await _registry.Asked()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Equal_requests_that_race_have_one_outcome_and_one_command()
    {
        var request = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _registry.Register(requestId: request)));
        answers.Distinct().ShouldHaveSingleItem();
        (await _registry.Asked()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_two_nodes_that_race_with_one_request_id_one_is_registered()
    {
        var request = Guid.NewGuid();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await _registry.Register(requestId: request, nodeId: Guid.NewGuid());
                return "registered";
            }
            catch (RpcException refused)
            {
                return Client.RpcFailure.From(refused).Reason;
            }
        }));
        outcomes.Count(outcome => outcome == "registered").ShouldBe(1);
        outcomes.Count(outcome => outcome == "REQUEST_ID_REUSED").ShouldBe(7);
        (await List(_registry.Provider, Role.Provider)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_commands_of_changes_that_race_come_in_the_order_of_the_changes()
    {
        await _registry.Register();
        await Task.WhenAll(Enumerable.Range(1, 24).Select(n => _registry.Register(gpuCount: n % 2 == 0 ? 8 : 4)));
        var last = (await _registry.Asked())[^1].SetNode.GpuCount;
        (await List(_registry.Provider, Role.Provider)).ShouldHaveSingleItem().GpuCount.ShouldBe(last);
    }

    [Fact]
    public async Task A_node_of_another_provider_is_refused_and_unchanged()
    {
        await _registry.Register(name: "mine");
        await _registry.Register(name: "yours", provider: Another).ShouldBeRefused(StatusCode.FailedPrecondition, "NODE_OF_ANOTHER");
        (await List(_registry.Provider, Role.Provider)).ShouldHaveSingleItem().Name.ShouldBe("mine");
        (await _registry.Asked()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_node_stays_in_its_market()
    {
        await _registry.Feed(Registry.MarketDefined(2, "L40S-48GB.eu-west"));
        await _registry.Register();
        await _registry.Register(market: "L40S-48GB.eu-west").ShouldBeRefused(StatusCode.FailedPrecondition, "NODE_MARKET_FIXED");
    }

    [Fact]
    public async Task A_market_that_was_never_defined_is_refused_and_leaves_nothing()
    {
        var request = Guid.NewGuid();
        await _registry.Register(market: "nowhere", requestId: request).ShouldBeRefused(StatusCode.FailedPrecondition, "MARKET_UNKNOWN");
        (await List(Guid.NewGuid(), Role.Auditor)).ShouldBeEmpty();

        // Nothing was recorded, so the request may be asked again once it can be answered.
        await _registry.Feed(Registry.MarketDefined(2, "nowhere"));
        await _registry.Register(market: "nowhere", requestId: request);
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        var request = new RegisterNodeRequest
        {
            RequestId = "x", NodeId = "", Name = new string('a', 101), Market = "", GpuCount = 65, Location = "line\nbreak",
        };
        await _registry.Door(door => door.RegisterNode(request, DoorCall.Of(_registry.Provider, Role.Provider)))
            .ShouldBeRefused(StatusCode.InvalidArgument, "request_id,node_id,name,location,market,gpu_count");
        await _registry.Register(gpuCount: -1).ShouldBeRefused(StatusCode.InvalidArgument, "gpu_count");
    }

    [Fact]
    public async Task No_GPUs_take_a_node_out()
    {
        await _registry.Register(gpuCount: 64);
        (await _registry.Register(gpuCount: 0)).GpuCount.ShouldBe(0);
        (await _registry.Asked())[^1].SetNode.GpuCount.ShouldBe(0);
    }

    [Fact]
    public async Task Providers_see_their_own_nodes_and_operators_and_auditors_all_of_them_page_by_page()
    {
        var mine = await _registry.Register();
        var theirs = await _registry.Register(nodeId: Guid.NewGuid(), provider: Another);

        (await List(_registry.Provider, Role.Provider)).ShouldBe([mine]);
        (await List(Another, Role.Provider)).ShouldBe([theirs]);
        (await List(Guid.NewGuid(), Role.Operator)).ShouldBe([mine, theirs], ignoreOrder: true);
        (await List(Guid.NewGuid(), Role.Auditor)).ShouldBe([mine, theirs], ignoreOrder: true);

        var caller = DoorCall.Of(Guid.NewGuid(), Role.Operator);
        var first = await _registry.Door(door => door.ListNodes(new ListNodesRequest { PageSize = 1 }, caller));
        var second = await _registry.Door(door => door.ListNodes(new ListNodesRequest { PageSize = 1, PageToken = first.NextPageToken }, caller));
        first.Nodes.Concat(second.Nodes).ShouldBe([mine, theirs], ignoreOrder: true);
        await _registry.Door(door => door.ListNodes(new ListNodesRequest { PageToken = "x" }, caller)).ShouldBeRefused(StatusCode.InvalidArgument, "page_token");
    }

    [Fact]
    public async Task A_node_that_the_engine_refused_is_told_again_when_its_provider_may_sell()
    {
        await _registry.Register();
        var refused = await CommandId(0);
        var happened = new[]
        {
            Registry.Entry(2, new EngineEvent { CommandRefused = new CommandRefused { CommandId = refused, Reason = "PARTICIPANT_UNKNOWN" } }),
            Registry.Entry(3, Provider(maySell: false, active: true)),
            Registry.Entry(4, Provider(maySell: true, active: false)),
            Registry.Entry(5, Provider(maySell: true, active: true)),
            Registry.Entry(6, Provider(maySell: true, active: true)),
        };
        await _registry.Feed(happened);
        await _registry.Feed(happened);

        var asked = await _registry.Asked();
        asked.Count.ShouldBe(2);
        asked[1].ShouldBe(asked[0]);
        (await CommandId(1)).ShouldNotBe(refused);
    }

    [Fact]
    public async Task The_refusal_of_a_command_that_was_replaced_does_not_matter()
    {
        await _registry.Register(gpuCount: 8);
        var first = await CommandId(0);
        await _registry.Register(gpuCount: 4);
        await _registry.Feed(
            Registry.Entry(2, new EngineEvent { CommandRefused = new CommandRefused { CommandId = first } }),
            Registry.Entry(3, Provider(maySell: true, active: true)));
        (await _registry.Asked()).Count.ShouldBe(2);
    }

    private EngineEvent Provider(bool maySell, bool active) =>
        new() { ParticipantSet = new SetParticipant { ParticipantId = _registry.Provider.ToString(), MaySell = maySell, Active = active } };

    private Task<string> CommandId(int position) => _registry.InDb(async db =>
        (await db.EngineCommands.OrderBy(command => command.Id).Skip(position).FirstAsync(TestContext.Current.CancellationToken)).CommandId.ToString());

    private async Task<IReadOnlyList<V1.Node>> List(Guid caller, Role role) =>
        (await _registry.Door(door => door.ListNodes(new ListNodesRequest(), DoorCall.Of(caller, role)))).Nodes;
}
