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
    public static CsvTable Read(string path, params ReadOnlySpan<string> needed) => Read(Path.GetFileName(path), Bytes(path), needed);

    /// <summary>The bytes of a file, or a sentence that says why there are none.</summary>
    public static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {fault.Message}", exitCode: 2);
        }
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
    public readonly struct Row(CsvTable table, string[] fields) : IFields
    {
        /// <inheritdoc />
        public string Text(string name) =>
            table._columns.TryGetValue(name, out var at) && at < fields.Length ? fields[at].Trim() : "";

        /// <inheritdoc cref="FieldWords.Number" />
        public decimal? Number(string name) => FieldWords.Number(this, name);

        /// <inheritdoc cref="FieldWords.Whole" />
        public long? Whole(string name) => FieldWords.Whole(this, name);

        /// <inheritdoc cref="FieldWords.Time" />
        public DateTimeOffset? Time(string name) => FieldWords.Time(this, name);
    }
}
