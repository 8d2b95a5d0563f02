using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Observability;

/// <summary>What the dashboard shows and the alerts watch is what the exchange exports, in the name that a collector gives it.</summary>
public partial class DashboardTests
{
    /// <summary>What a collector adds to a name for its unit.</summary>
    private static readonly Dictionary<string, string> UnitSuffixes = new() { ["s"] = "_seconds", ["By"] = "_bytes", ["ms"] = "_milliseconds" };

    private static readonly Lazy<HashSet<string>> Exported = new(() => [.. Ours().Concat(Frameworks()).SelectMany(ExportedNames)]);

    private static readonly string Alerts = File.ReadAllText(Folder("prometheus", "alerts.yml"));

    private static readonly string Readme = File.ReadAllText(Folder("README.md"));

    [Fact]
    public void Every_query_of_the_dashboard_asks_for_a_metric_that_is_exported()
    {
        var queries = DashboardQueries();
        queries.Count.ShouldBeGreaterThan(50);
        queries.SelectMany(query => Unknown(query)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_alert_watches_a_metric_that_is_exported()
    {
        var queries = AlertQueries().Select(match => match.Groups["expr"].Value).ToList();
        queries.Count.ShouldBe(AlertNames().Count);
        queries.Count.ShouldBeGreaterThan(15);
        queries.SelectMany(query => Unknown(query)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_promise_has_a_metric_and_an_alert_that_would_show_it_broken()
    {
        var rows = PromiseRow().Matches(Readme).Select(row => (
            Promise: row.Groups["promise"].Value,
            Metrics: Quoted().Matches(row.Groups["metrics"].Value).Select(name => name.Groups[1].Value).ToList(),
            Alerts: Quoted().Matches(row.Groups["alerts"].Value).Select(name => name.Groups[1].Value).ToList())).ToList();

        rows.Select(row => row.Promise).ShouldBe(["1", "2", "3", "4", "5", "6", "7"]);
        var declared = Ours().Select(instrument => instrument.Name).ToHashSet();
        foreach (var (promise, metrics, alerts) in rows)
        {
            metrics.ShouldNotBeEmpty($"promise {promise}");
            metrics.Except(declared).ShouldBeEmpty($"promise {promise}");
            alerts.ShouldNotBeEmpty($"promise {promise}");
            alerts.Except(AlertNames()).ShouldBeEmpty($"promise {promise}");
        }
    }

    [Fact]
    public void Every_panel_has_a_place_of_its_own_and_a_query()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Folder("grafana", "dashboard.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        panels.Select(panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        panels.Select(panel => panel.GetProperty("gridPos")).Select(at => (at.GetProperty("x").GetInt32(), at.GetProperty("y").GetInt32())).ShouldBeUnique();
        foreach (var panel in panels.Where(panel => panel.GetProperty("type").GetString() != "row"))
            panel.GetProperty("targets").EnumerateArray().ShouldNotBeEmpty(panel.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("sum by (le) (rate(cx_facts_told_total[5m]))", "")]
    [InlineData("histogram_quantile(0.99, sum by (le, job) (rate(cx_jobs_lateness_seconds_bucket{service=\"x\"}[$__rate_interval])))", "")]
    [InlineData("max by (a) (cx_clock_time) - on (a) group_left () cx_facts_lag", "cx_clock_time")]
    [InlineData("rate(cx_facts_told[5m]) or vector(0)", "cx_facts_told")]
    public void A_name_that_is_not_exported_is_found(string query, string unknown) => string.Join(' ', Unknown(query)).ShouldBe(unknown);

    private static IEnumerable<string> Unknown(string query) => NamesIn(query).Where(name => !Exported.Value.Contains(name));

    /// <summary>The names of metrics in a query: what is left without texts, labels, ranges, functions and words of the language.</summary>
    private static IEnumerable<string> NamesIn(string query) =>
        Word().Matches(NotNames().Replace(query, " ")).Select(word => word.Value)
            .Where(word => word is not ("and" or "or" or "unless" or "offset" or "bool" or "sum" or "max" or "min" or "avg" or "count")).Distinct();

    private static List<string> DashboardQueries()
    {
        var queries = new List<string>();
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Folder("grafana", "dashboard.json")));
        Collect(dashboard.RootElement);
        return queries;

        void Collect(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray()) Collect(item);
            if (element.ValueKind != JsonValueKind.Object) return;
            foreach (var property in element.EnumerateObject())
                if (property.NameEquals("expr")) queries.Add(property.Value.GetString()!);
                else Collect(property.Value);
        }
    }

    private static IEnumerable<Match> AlertQueries() => AlertExpression().Matches(Alerts);

    private static List<string> AlertNames() => [.. AlertName().Matches(Alerts).Select(alert => alert.Groups[1].Value)];

    /// <summary>What the services declare, as it stands in their code.</summary>
    private static IEnumerable<(string Kind, string Name, string Unit)> Ours() =>
        from folder in (string[])["contracts", "services"]
        from file in Directory.EnumerateFiles(RepositoryFiles.In(folder), "*Measures.cs", SearchOption.AllDirectories)
        from Match declared in Declaration().Matches(File.ReadAllText(file))
        select (declared.Groups["kind"].Value, declared.Groups["name"].Value, declared.Groups["unit"].Value);

    /// <summary>What .NET and Npgsql declare, as they say it themselves.</summary>
    private static List<(string Kind, string Name, string Unit)> Frameworks()
    {
        var declared = new List<(string, string, string)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name is "System.Runtime" or "Npgsql")
                    declared.Add((instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal), instrument.Name, instrument.Unit ?? ""));
            },
        };
        using var source = NpgsqlDataSource.Create("Host=nowhere");
        listener.Start();
        return declared;
    }

    private static IEnumerable<string> ExportedNames((string Kind, string Name, string Unit) instrument)
    {
        var (kind, dotted, unit) = instrument;
        var name = dotted.Replace('.', '_') + UnitSuffixes.GetValueOrDefault(unit, "");
        return kind switch
        {
            "Counter" => [name + "_total"],
            "Histogram" => [name + "_bucket", name + "_sum", name + "_count"],
            "Gauge" when unit == "1" => [name + "_ratio"],
            _ => [name],
        };
    }

    private static string Folder(params string[] path) => RepositoryFiles.In(["deploy", "observability", .. path]);

    [GeneratedRegex("""Create(?:Observable)?(?<kind>Counter|UpDownCounter|Histogram|Gauge)(?:<\w+>)?\(\s*"(?<name>cx\.[a-z0-9_.]+)"[^"]*"(?<unit>[^"]*)""")]
    private static partial Regex Declaration();

    [GeneratedRegex("""^ +expr: (?<expr>.+)$""", RegexOptions.Multiline)]
    private static partial Regex AlertExpression();

    [GeneratedRegex("""^ +- alert: (\w+)$""", RegexOptions.Multiline)]
    private static partial Regex AlertName();

    [GeneratedRegex("""^\| (?<promise>\d)\. [^|]*\|(?<metrics>[^|]*)\|(?<alerts>[^|]*)\|""", RegexOptions.Multiline)]
    private static partial Regex PromiseRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("""\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\b[a-z_]+\s*(?=\()|\b[0-9][0-9a-z.]*""")]
    private static partial Regex NotNames();

    [GeneratedRegex("[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Word();
}
