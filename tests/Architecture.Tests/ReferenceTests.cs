using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Architecture.Tests;

/// <summary>Who leans on whom.</summary>
public partial class ReferenceTests
{
    private const string Values = "contracts/Values/Values.csproj";

    /// <summary>The libraries of rules that are pure, so that others than their service may use them.</summary>
    private static readonly string[] Pure = ["services/MatchingEngine/Core/Core.csproj", "services/Auctioneer/Solver/Solver.csproj"];

    [Fact]
    public void A_service_knows_no_other_service()
    {
        var strangers =
            from project in House.Projects
            where project.Service is not null
            from reference in project.References
            let other = Project.ServiceOf(reference)
            where other is not null && other != project.Service && project.Service != "Host"
            where project.Service != "Cli" || !Pure.Contains(reference)
            select $"{project.Path} references {reference}";

        strangers.ShouldBeEmpty();
        House.Services.Count.ShouldBeGreaterThan(7);
    }

    [Fact]
    public void A_library_of_rules_does_not_know_the_service_around_it() =>
        House.Projects.Where(project => project.Service is not null && project.Folder != $"services/{project.Service}")
            .SelectMany(project => project.References.Where(reference => Project.ServiceOf(reference) is not null), (project, reference) => $"{project.Path} references {reference}")
            .ShouldBeEmpty();

    [Fact]
    public void The_host_is_all_the_services()
    {
        var host = House.Projects.Single(project => project.Path == "services/Host/Host.csproj");

        host.References.Where(reference => Project.ServiceOf(reference) is not null).Order()
            .ShouldBe(House.Services.Except(["Host", "Cli", "Agent"]).Select(service => $"services/{service}/{service}.csproj").Order());
    }

    [Fact]
    public void The_pure_libraries_reference_values_and_nothing_else()
    {
        foreach (var path in (string[])[.. Pure, Values])
        {
            var project = House.Projects.Single(project => project.Path == path);
            project.References.Except([Values]).ShouldBeEmpty(path);
            project.Packages.ShouldBeEmpty(path);
            House.Read(path).ShouldNotContain("FrameworkReference");
            House.Read(path).ShouldContain("Sdk=\"Microsoft.NET.Sdk\"");
        }
        House.Projects.Single(project => project.Path == Values).References.ShouldBeEmpty();
    }

    [Fact]
    public void Rules_do_no_input_and_no_output_and_are_given_the_time()
    {
        string[] folders = ["services/MatchingEngine/Core", "services/Auctioneer/Solver", "contracts/Values", .. House.Services.Select(service => $"services/{service}/Domain")];

        House.Find(Outside(), House.Sources(folders)).ShouldBeEmpty();
        House.Find(Clock(), House.Sources(folders).Where(path => !path.StartsWith("services/Auctioneer/Solver/", StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public void Contracts_reference_no_service() =>
        House.Projects.Where(project => project.Path.StartsWith("contracts/", StringComparison.Ordinal))
            .SelectMany(project => project.References.Where(reference => !reference.StartsWith("contracts/", StringComparison.Ordinal)), (project, reference) => $"{project.Path} references {reference}")
            .ShouldBeEmpty();

    [Fact]
    public void Nothing_but_the_tests_references_the_tests() =>
        House.Projects.Where(project => !project.Path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(project => project.References.Where(reference => reference.StartsWith("tests/", StringComparison.Ordinal)), (project, reference) => $"{project.Path} references {reference}")
            .ShouldBeEmpty();

    [Fact]
    public void Only_the_library_of_facts_knows_MassTransit()
    {
        House.Projects.Where(project => project.Packages.Any(package => package.StartsWith("MassTransit", StringComparison.Ordinal)))
            .Select(project => project.Path).ShouldBe(["contracts/Facts/Facts.csproj"]);
        House.Find(MassTransit(), House.Sources("services", "contracts").Where(path => !path.StartsWith("contracts/Facts/Transport/", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Only_a_service_itself_uses_its_tables()
    {
        var intruders =
            from path in House.Sources("services")
            let service = Project.ServiceOf(path)
            where service != "Host"
            from Match used in Tables().Matches(House.CodeOnly(House.Read(path)))
            where used.Groups[1].Value != service && House.Services.Contains(used.Groups[1].Value)
            select $"{path} uses {used.Value}";

        intruders.ShouldBeEmpty();
    }

    [GeneratedRegex(@"\busing (static )?(System\.IO|System\.Net|System\.Data|Microsoft\.|Npgsql|Grpc|Google|ComputeExchange\.(Client|Facts|Hosting))|\b(File|Directory|Console|Environment|Process|HttpClient)\.")]
    private static partial Regex Outside();

    [GeneratedRegex(@"\bTimeProvider\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"(?<!""\w*)\b(using MassTransit|MassTransit\.)")]
    private static partial Regex MassTransit();

    [GeneratedRegex(@"ComputeExchange\.(\w+)\.Storage\b")]
    private static partial Regex Tables();
}
