using CsvHelper;

namespace ComputeExchange.Cli.Output;

/// <summary>A list as comma-separated values: the fields and figures that programs read.</summary>
public static class CsvOutput
{
    /// <summary>Writes the header and the rows.</summary>
    public static void Write<T>(TextWriter output, Sheet<T> sheet, IEnumerable<T> rows)
    {
        using var csv = CsvWriter.Create(output, new CsvWriterOptions { HasHeader = false, NewLine = "\n" }, leaveOpen: true);
        csv.WriteRecord(sheet.Columns.Select(column => column.Field).ToArray());
        foreach (var row in rows) csv.WriteRecord(sheet.Columns.Select(column => column.Json(row)?.ToString() ?? "").ToArray());
        csv.Flush();
    }
}
