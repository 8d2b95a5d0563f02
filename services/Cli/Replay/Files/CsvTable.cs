using System.Globalization;
using System.Security.Cryptography;
using ComputeExchange.Cli.Words;
using CsvHelper;

namespace ComputeExchange.Cli.Replay.Files;

/// <summary>A CSV file in memory: its named columns, in whatever order they stand, and its rows as text.</summary>
public sealed class CsvTable
{
    readonly Dictionary<string, int> _columns;
    readonly List<string[]> _rows;

    CsvTable(string name, string sha256, Dictionary<string, int> columns, List<string[]> rows)
    {
        (Name, Sha256, _columns, _rows) = (name, sha256, columns, rows);
    }

    /// <summary>The file's name, for sentences.</summary>
    public string Name { get; }

    /// <summary>The SHA-256 of the file's bytes, hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Rows under the header.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Reads a file that must have these columns; others are ignored.</summary>
    public static CsvTable Read(string path, params ReadOnlySpan<string> needed)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {fault.Message}", exitCode: 2);
        }
        return Read(Path.GetFileName(path), bytes, needed);
    }

    /// <summary>Reads the bytes of a file.</summary>
    public static CsvTable Read(string name, byte[] bytes, params ReadOnlySpan<string> needed)
    {
        // A stray quote or a short row is that row's fault, not the file's: fields are taken as they stand.
        var rows = new List<string[]>();
        using var csv = CsvReader.Create(bytes, new CsvReaderOptions
        {
            HasHeader = false,
            MalformedData = CsvMalformedDataHandling.Recover,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
        });
        while (csv.Read())
        {
            var fields = new string[csv.FieldCount];
            for (var i = 0; i < fields.Length; i++) fields[i] = csv.GetString(i);
            rows.Add(fields);
        }

        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        if (rows.Count > 0)
        {
            for (var i = 0; i < rows[0].Length; i++) columns.TryAdd(rows[0][i].Trim('\uFEFF', ' '), i);
            rows.RemoveAt(0);
        }
        foreach (var column in needed)
        {
            if (!columns.ContainsKey(column))
                throw new InputException($"{name}: has no column \"{column}\"; it needs {string.Join(", ", needed)}.", exitCode: 2);
        }
        return new CsvTable(name, Convert.ToHexStringLower(SHA256.HashData(bytes)), columns, rows);
    }

    /// <summary>A table that is part of the program.</summary>
    public static CsvTable Embedded(string name, params ReadOnlySpan<string> needed)
    {
        using var stream = typeof(CsvTable).Assembly.GetManifestResourceStream(name)
            ?? throw new System.Diagnostics.UnreachableException($"No table {name} in the program.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Read(name, copy.ToArray(), needed);
    }

    /// <summary>The rows in order.</summary>
    public IEnumerable<Row> Rows() => _rows.Select(fields => new Row(this, fields));

    /// <summary>One row.</summary>
    public readonly struct Row(CsvTable table, string[] fields)
    {
        /// <summary>A field without the blanks around it; empty where the row is too short or there is no such column.</summary>
        public string Text(string column) =>
            table._columns.TryGetValue(column, out var at) && at < fields.Length ? fields[at].Trim() : "";

        /// <summary>A number; null for what is missing, not a number, or not finite.</summary>
        public decimal? Number(string column) =>
            decimal.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

        /// <summary>A whole number; null for anything else.</summary>
        public long? Whole(string column) =>
            Number(column) is { } number && number == decimal.Truncate(number) && Math.Abs(number) <= long.MaxValue ? (long)number : null;

        /// <summary>A time in UTC; null for anything else.</summary>
        public DateTimeOffset? Time(string column) =>
            DateTimeOffset.TryParse(Text(column), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }
}
