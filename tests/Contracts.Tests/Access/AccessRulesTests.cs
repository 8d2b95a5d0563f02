using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Contracts.Tests.Protos;
using ComputeExchange.Hosting.Access;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Access;

/// <summary>
/// Every method of every door against every kind of caller. What is right stands in access.txt, written by people: who
/// adds a method or changes its rule says so there too.
/// </summary>
public class AccessRulesTests
{
    private static readonly string Written = RepositoryFiles.In("tests", "Contracts.Tests", "Access", "access.txt");

    private static readonly string[] Services =
    [
        ServiceNames.MatchingEngine, ServiceNames.Auctioneer, ServiceNames.OrderBook, ServiceNames.ProviderRegistry,
        ServiceNames.Settlement, ServiceNames.Pricing, ServiceNames.Participants, ServiceNames.Web, "host", "a_stranger",
    ];

    public static TheoryData<string> Methods => [.. AccessRules.All.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_method_of_every_proto_has_a_rule_and_none_serves_the_unspecified()
    {
        ProtoTests.Methods().Select(method => $"/{method.Service.FullName}/{method.Name}").Order(StringComparer.Ordinal)
            .ShouldBe(AccessRules.All.Keys.Order(StringComparer.Ordinal));
        AccessRules.All.Where(method => method.Value is null || method.Value.Allow.Count == 0).Select(method => method.Key).ShouldBeEmpty();
        AccessRules.All.Where(method => method.Value!.Allow.Contains(Role.Unspecified)).Select(method => method.Key).ShouldBeEmpty();
        AccessRules.All.Where(method => method.Value!.Services.Count > 0 && !method.Value.Allow.Contains(Role.Service)).Select(method => method.Key).ShouldBeEmpty();
        AccessRules.All.SelectMany(method => method.Value!.Services).Except(Services).ShouldBeEmpty();
    }

    [Fact]
    public void Every_proto_with_a_door_is_among_those_whose_rules_are_asked()
    {
        var folder = RepositoryFiles.In("contracts", "Protos");
        var doors = Directory.GetFiles(folder, "*.proto", SearchOption.AllDirectories)
            .Where(path => ProtoFile.Read(File.ReadAllText(path)).Any(thing => thing.Kind == "service"))
            .Select(path => Path.GetRelativePath(folder, path));

        doors.Order().ShouldBe(AccessRules.Files.Select(file => file.Name).Order());
    }

    [Fact]
    public void Who_may_call_what_is_written_down()
    {
        var rules = AccessRules.All.OrderBy(method => method.Key, StringComparer.Ordinal)
            .Select(method => $"{method.Key}: {string.Join(' ', method.Value!.Allow.Select(Word).Concat(method.Value.Services))}").ToList();
        var written = Lines().ToList();

        string.Join('\n', written.Except(rules)).ShouldBeEmpty("access.txt says so, the protos say otherwise.");
        string.Join('\n', rules.Except(written)).ShouldBeEmpty("The protos say so; it is not written in access.txt.");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_serves_those_it_names_and_nobody_else(string method)
    {
        var allowed = Lines().Single(line => line.StartsWith($"{method}: ", StringComparison.Ordinal)).Split(": ")[1].Split(' ');
        var named = allowed.Where(Services.Contains).ToList();
        var everyone = allowed.Contains("PUBLIC");

        AccessRules.Judge(method, Caller.Nobody).ShouldBe(everyone ? Verdict.Allowed : Verdict.Unauthenticated);
        foreach (var role in Enum.GetValues<Role>())
        {
            // What a key can make of its owner is one of five; a key that claims more is not believed.
            var believed = role is Role.Provider or Role.Buyer or Role.Trader or Role.Operator or Role.Auditor && allowed.Contains(Word(role));
            Judge(method, Participant(role)).ShouldBe(everyone || allowed.Contains("AUTHENTICATED") || believed, $"{role} at {method}");
        }
        Judge(method, Participant()).ShouldBe(everyone || allowed.Contains("AUTHENTICATED"), $"without a role at {method}");
        foreach (var service in Services)
        {
            var serves = everyone || (allowed.Contains("SERVICE") && (named.Count == 0 || named.Contains(service)));
            Judge(method, Service(service)).ShouldBe(serves, $"{service} at {method}");

            // That it acts for an operator opens no door to it.
            Judge(method, Service(service) with { ParticipantId = Guid.CreateVersion7(), EndUserRoles = Enum.GetValues<Role>().ToHashSet() }).ShouldBe(serves);
        }
    }

    [Theory]
    [InlineData("/computeexchange.settlement.v1.SettlementService/Destroy")]
    [InlineData("/computeexchange.settlement.v1.settlementservice/deposit")]
    [InlineData("computeexchange.settlement.v1.SettlementService/Deposit")]
    [InlineData("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")]
    [InlineData("/")]
    [InlineData("")]
    public void A_method_that_nobody_knows_serves_nobody(string method)
    {
        foreach (var role in Enum.GetValues<Role>()) Judge(method, Participant(role)).ShouldBeFalse();
        foreach (var service in Services) Judge(method, Service(service)).ShouldBeFalse();
        AccessRules.Judge(method, Caller.Nobody).ShouldNotBe(Verdict.Allowed);
    }

    private static IEnumerable<string> Lines() => File.ReadAllLines(Written).Where(line => line.Length > 0 && line[0] != '#');

    private static bool Judge(string method, Caller caller)
    {
        var verdict = AccessRules.Judge(method, caller);
        verdict.ShouldNotBe(Verdict.Unauthenticated);
        return verdict == Verdict.Allowed;
    }

    private static Caller Participant(params Role[] roles) => new(Guid.CreateVersion7(), roles.ToHashSet(), "key", null);

    private static Caller Service(string name) => new(null, new HashSet<Role> { Role.Service }, name, name);

    private static string Word(Role role) => role.ToString().ToUpperInvariant();
}
