using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Architecture.Tests;

/// <summary>What lies where.</summary>
public partial class LayoutTests
{
    [Fact]
    public void The_top_level_holds_only_what_it_should()
    {
        string[] known = ["services", "contracts", "tests", "deploy", "docs", "docker-compose.yml", "ComputeExchange.sln", "README.md", "LICENSE", "global.json", "BannedSymbols.txt"];

        // What starts with a dot, and what the build leaves behind and git ignores, does not count.
        Directory.EnumerateFileSystemEntries(House.Top).Select(entry => Path.GetFileName(entry))
            .Where(name => name[0] != '.' && name is not ("bin" or "obj" or "artifacts" or "TestResults") && !Build().IsMatch(name))
            .Except(known).ShouldBeEmpty();
        ((string[])["services", "contracts", "tests", "deploy", "docs"]).Where(folder => !House.Files(folder).Any()).ShouldBeEmpty();
        ((string[])["README.md", "LICENSE", "global.json"]).Where(file => !File.Exists(Path.Combine(House.Top, file))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = InSolution().Matches(House.Read("ComputeExchange.sln")).Select(project => project.Groups[1].Value.Replace('\\', '/')).ToList();
        var projects = House.Projects.Select(project => project.Path).Where(path => !path.StartsWith("contracts/GrpcStandIn/", StringComparison.Ordinal)).ToList();

        projects.Except(solution).ShouldBeEmpty("Add them with: dotnet sln add");
        solution.Except(projects).ShouldBeEmpty("Remove them with: dotnet sln remove");
    }

    [Fact]
    public void Every_service_says_what_it_is() =>
        Directory.EnumerateDirectories(Path.Combine(House.Top, "services")).Select(folder => Path.GetFileName(folder))
            .Where(service => !File.Exists(Path.Combine(House.Top, "services", service, "README.md"))).ShouldBeEmpty();

    [Fact]
    public void Every_service_that_owns_data_has_its_migrations()
    {
        var owners = House.Sources("services").Where(path => Context().IsMatch(House.CodeOnly(House.Read(path)))).Select(Project.ServiceOf).Distinct().ToList();

        owners.Count.ShouldBeGreaterThan(4);
        owners.Where(service => !House.Files($"services/{service}/Storage/Migrations").Any(path => path.EndsWith("ModelSnapshot.cs", StringComparison.Ordinal))).ShouldBeEmpty();
        House.Sources("services").Where(path => Context().IsMatch(House.CodeOnly(House.Read(path))))
            .Where(path => !path.StartsWith($"services/{Project.ServiceOf(path)}/Storage/", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void What_every_project_resolves_to_is_locked() =>
        House.Projects.Where(project => !File.Exists(Path.Combine(House.Top, project.Folder, "packages.lock.json"))).Select(project => project.Path).ShouldBeEmpty();

    [Fact]
    public void Versions_of_packages_stand_in_one_file() =>
        House.Projects.Where(project => !project.Path.StartsWith("contracts/GrpcStandIn/", StringComparison.Ordinal)).Where(project => Version().IsMatch(House.Read(project.Path))).Select(project => project.Path).ShouldBeEmpty();

    [Fact]
    public void A_project_has_the_name_of_its_folder() =>
        House.Projects.Where(project => Path.GetFileName(project.Folder) != project.Name).Select(project => project.Path).ShouldBeEmpty();

    [Fact]
    public void Every_service_has_tests() =>
        House.Services.Except(["Host"]).Where(service => !House.Projects.Any(project => project.Path == $"tests/{service}.Tests/{service}.Tests.csproj")).ShouldBeEmpty();

    [GeneratedRegex(@"^Directory\.\w+\.(props|targets)$")]
    private static partial Regex Build();

    [GeneratedRegex(@"^Project\([^)]*\) = ""[^""]*"", ""([^""]*\.csproj)""", RegexOptions.Multiline)]
    private static partial Regex InSolution();

    [GeneratedRegex(@"\bclass\s+\w+(\([^{;]*\))?\s*:\s*(ServiceDb|DbContext)\b")]
    private static partial Regex Context();

    [GeneratedRegex(@"<PackageReference[^>]*\bVersion(Override)?\s*=")]
    private static partial Regex Version();
}
