using ComputeExchange.Cli.Output;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class SheetTests
{
    static readonly Sheet<(string Name, long? Price)> Sheet = new Sheet<(string Name, long? Price)>("things", "No things.")
        .Text("Name", "name", thing => thing.Name)
        .Price("Price", "price_micros_per_gpu_hour", thing => thing.Price);

    [Fact]
    public void People_get_a_table_with_units_and_no_broken_lines()
    {
        var output = new StringWriter();
        new Printer(output, json: false).Rows(Sheet, [(new string('x', 200), 2_415_000), ("[red]", null)]);
        var text = output.ToString();
        text.ShouldContain(new string('x', 200));
        text.ShouldContain("$2.415");
        text.ShouldContain("[red]");
    }

    [Fact]
    public void Programs_get_one_document_with_whole_micro_dollars()
    {
        var output = new StringWriter();
        var print = new Printer(output, json: true);
        print.Rows(Sheet, [("a", 2_415_000), ("b", null)]);
        print.Say("not for programs");
        print.Finish();
        output.ToString().ReplaceLineEndings("\n").ShouldBe("""
            {
              "things": [
                {
                  "name": "a",
                  "price_micros_per_gpu_hour": 2415000
                },
                {
                  "name": "b",
                  "price_micros_per_gpu_hour": null
                }
              ]
            }

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Values_are_quoted_where_they_must_be()
    {
        var output = new StringWriter();
        CsvOutput.Write(output, Sheet, [("a, \"b\"", 1)]);
        output.ToString().ShouldBe("name,price_micros_per_gpu_hour\n\"a, \"\"b\"\"\",1\n");
    }
}
