using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace ComputeExchange.Cli.Output;

/// <summary>Prints for people as it goes, or for programs one JSON document at the end.</summary>
public sealed class Printer(TextWriter output, bool json)
{
    static readonly JsonSerializerOptions Writing = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly JsonObject _document = [];
    bool _isStream;

    /// <summary>Whether a program reads.</summary>
    public bool IsJson => json;

    /// <summary>Where everything goes.</summary>
    public TextWriter Output => output;

    /// <summary>A list of things.</summary>
    public void Rows<T>(Sheet<T> sheet, IEnumerable<T> rows)
    {
        if (json)
        {
            _document[sheet.Name] = new JsonArray([.. rows.Select(row => (JsonNode)sheet.Json(row))]);
            return;
        }

        var list = rows.ToList();
        if (list.Count == 0)
        {
            output.WriteLine(sheet.WhenEmpty);
            return;
        }
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = false };
        foreach (var column in sheet.Columns)
        {
            var header = new TableColumn(new Text(column.Header)) { NoWrap = true };
            if (column.IsNumber) header.Alignment = Justify.Right;
            table.AddColumn(header);
        }
        foreach (var row in list) table.AddRow(sheet.Columns.Select(column => new Text(column.Text(row))));
        Console().Write(table);
    }

    /// <summary>One thing, its figures beneath each other; for programs, fields of the document.</summary>
    /// <param name="onlyKnown">People do not read what is empty.</param>
    public void Card<T>(Sheet<T> sheet, T thing, bool onlyKnown = false)
    {
        if (json)
        {
            foreach (var (field, value) in sheet.Json(thing)) _document[field] = value?.DeepClone();
            return;
        }
        var width = sheet.Columns.Max(column => column.Header.Length);
        foreach (var column in sheet.Columns)
            if (column.Text(thing) is var text && (text.Length > 0 || !onlyKnown)) output.WriteLine($"{column.Header.PadRight(width)}  {text}");
    }

    /// <summary>A line for people.</summary>
    public void Say(string line)
    {
        if (!json) output.WriteLine(line);
    }

    /// <summary>A field for programs.</summary>
    public void Field(string name, JsonNode? value)
    {
        if (json) _document[name] = value;
    }

    /// <summary>Something that happened, of a command that tells as it goes: a document a line for programs, and none at the end.</summary>
    public void Happened(JsonObject document)
    {
        _isStream = true;
        if (!json) return;
        output.WriteLine(document.ToJsonString(OneLine));
        output.Flush();
    }

    /// <summary>A thing that is part of another, its figures beneath each other; for programs, an object of the document.</summary>
    public void Part<T>(string name, Sheet<T> sheet, T thing)
    {
        if (json) _document[name] = sheet.Json(thing);
        else Card(sheet, thing, onlyKnown: true);
    }

    /// <summary>A heading for people, after a free line.</summary>
    public void Heading(string words)
    {
        Say("");
        Say(words);
    }

    /// <summary>Writes the document, where a program reads.</summary>
    public void Finish()
    {
        if (json && !_isStream) output.WriteLine(_document.ToJsonString(Writing));
    }

    /// <summary>A terminal of its own width; where the output goes to a file or a pipe, wide enough that no line breaks.</summary>
    IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        if (System.Console.IsOutputRedirected || output != System.Console.Out) console.Profile.Width = 400;
        return console;
    }
}
