using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>The headers or trailers of a call, in order; one key may come more than once.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>Keys that end so hold bytes; all others hold text.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>No entries, for ever.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    readonly List<Entry> _entries = [];

    public Metadata()
        : this(isReadOnly: false)
    {
    }

    Metadata(bool isReadOnly) => IsReadOnly = isReadOnly;

    public bool IsReadOnly { get; }

    public int Count => _entries.Count;

    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Writable()[index] = value;
        }
    }

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Add(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Writable().Add(item);
    }

    public void Insert(int index, Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Writable().Insert(index, item);
    }

    public bool Remove(Entry item) => Writable().Remove(item);

    public void RemoveAt(int index) => Writable().RemoveAt(index);

    public void Clear() => Writable().Clear();

    /// <summary>The last entry of that key.</summary>
    public Entry? Get(string key) => _entries.FindLast(entry => Has(entry, key));

    /// <summary>The text of the last entry of that key.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry of that key.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => Has(entry, key));

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public bool Contains(Entry item) => _entries.Contains(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    List<Entry> Writable() =>
        IsReadOnly ? throw new InvalidOperationException("This metadata is read-only.") : _entries;

    static bool Has(Entry entry, string key) => entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase);

    /// <summary>A key in lower case with text or, if the key ends in "-bin", with bytes.</summary>
    public class Entry
    {
        readonly string? _text;
        readonly byte[]? _bytes;

        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = Normal(key);
            if (IsBinary) throw new ArgumentException($"The key {Key} ends in {BinaryHeaderSuffix}: its value is bytes.");
            _text = value;
        }

        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = Normal(key);
            if (!IsBinary) throw new ArgumentException($"The key {Key} does not end in {BinaryHeaderSuffix}: its value is text.");
            _bytes = [.. valueBytes];
        }

        public string Key { get; }

        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        /// <summary>The text; a binary entry has none.</summary>
        public string Value =>
            _text ?? throw new InvalidOperationException($"The entry {Key} is binary and has no text.");

        /// <summary>A copy of the bytes; for text, its ASCII bytes.</summary>
        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_text!) : [.. _bytes];

        public override string ToString() =>
            IsBinary ? $"[Entry: key={Key}, {_bytes!.Length} bytes]" : $"[Entry: key={Key}, value={_text}]";

        static string Normal(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            var normal = key.ToLowerInvariant();
            if (!normal.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-' or '.'))
                throw new ArgumentException($"The key '{key}' may hold letters, digits, '_', '-' and '.' only.");
            return normal;
        }
    }
}
