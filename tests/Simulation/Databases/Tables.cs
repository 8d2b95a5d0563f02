namespace ComputeExchange.Simulation.Databases;

/// <summary>One row as a transaction leaves it; without a row it is gone.</summary>
internal sealed record Change(string Table, IComparable Key, object? Row);

/// <summary>The rows of a database, by table and key.</summary>
internal sealed class Tables
{
    private readonly Dictionary<string, SortedList<IComparable, object>> _tables = [];

    public void Apply(IEnumerable<Change> changes)
    {
        foreach (var (table, key, row) in changes)
        {
            var rows = Rows(table);
            if (row is null) rows.Remove(key);
            else rows[key] = row;
        }
    }

    public object? Find(string table, IComparable key) => Rows(table).GetValueOrDefault(key);

    /// <summary>The rows of a table from a key on, in order, as they are now.</summary>
    public List<object> From(string table, IComparable key, int atMost = int.MaxValue)
    {
        var rows = Rows(table);
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (rows.Keys[middle].CompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }
        var found = new List<object>();
        for (var i = low; i < rows.Count && found.Count < atMost; i++) found.Add(rows.Values[i]);
        return found;
    }

    /// <summary>All rows of a table in order, as they are now.</summary>
    public List<object> All(string table) => [.. Rows(table).Values];

    private SortedList<IComparable, object> Rows(string table)
    {
        if (!_tables.TryGetValue(table, out var rows)) _tables.Add(table, rows = []);
        return rows;
    }
}
