using System.Security.Cryptography;
using System.Text;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.TrueType;
using UglyToad.PdfPig.Fonts.TrueType.Parser;
using UglyToad.PdfPig.Writer;

namespace ComputeExchange.Settlement.Documents;

/// <summary>A PDF file of A4 pages with text, lines and boxes, that is the same to the byte for the same content.</summary>
/// <remarks>Lengths are points; x goes right, y goes down from the top. Fonts are inside the file, so it looks the same everywhere.</remarks>
internal sealed class PdfFile : IDisposable
{
    public const double Width = 595;
    public const double Height = 842;

    private const char Unknown = '?';
    private const string IdBegins = "/ID [ <";
    private const int IdLength = 32;

    private readonly PdfDocumentBuilder _builder = new();
    private readonly List<PdfPageBuilder> _pages = [];
    private readonly Face _regular;
    private readonly Face _bold;

    /// <param name="title">What programs show as its title.</param>
    /// <param name="created">When it says that it was made.</param>
    public PdfFile(string title, DateTimeOffset created)
    {
        _regular = new Face(_builder, Face.Regular.Value);
        _bold = new Face(_builder, Face.Bold.Value);
        _builder.DocumentInformation = new PdfDocumentBuilder.DocumentInformationBuilder
        {
            Title = title,
            Producer = "Compute Exchange",
            CreationDate = $"D:{created.UtcDateTime:yyyyMMddHHmmss}Z",
        };
    }

    public int PageCount => _pages.Count;

    public void AddPage() => _pages.Add(_builder.AddPage(PageSize.A4));

    /// <summary>How wide a text is.</summary>
    public double Measure(string text, double size, bool bold = false) => (bold ? _bold : _regular).Measure(text, size);

    /// <summary>A line of text on a page, its base line at y.</summary>
    /// <param name="page">Counted from 0.</param>
    /// <param name="grey">From 0, black, to 255, white.</param>
    public void Text(int page, double x, double y, string text, double size, bool bold = false, byte grey = 0)
    {
        if (text.Length == 0) return;
        var face = bold ? _bold : _regular;
        _pages[page].SetTextAndFillColor(grey, grey, grey);
        _pages[page].AddText(face.Known(text), size, new PdfPoint(x, Height - y), face.Font);
    }

    /// <summary>A box that is filled; a line is a box that is thin.</summary>
    public void Box(int page, double x, double y, double width, double height, byte grey)
    {
        _pages[page].SetTextAndFillColor(grey, grey, grey);
        _pages[page].SetStrokeColor(grey, grey, grey);
        _pages[page].DrawRectangle(new PdfPoint(x, Height - y - height), width, height, 0.1, fill: true);
    }

    /// <summary>The file. Its id is made of its content, where the library would draw it.</summary>
    public byte[] ToBytes()
    {
        var file = _builder.Build();
        var ids = file.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(IdBegins));
        if (ids < 0) throw new InvalidOperationException("The file has no id where it was expected.");
        var first = file.AsSpan(ids + IdBegins.Length, IdLength);
        var second = file.AsSpan(ids + IdBegins.Length + IdLength + 2, IdLength);
        first.Fill((byte)'0');
        second.Fill((byte)'0');
        var id = Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(file))[..IdLength]);
        id.CopyTo(first);
        id.CopyTo(second);
        return file;
    }

    public void Dispose() => _builder.Dispose();

    /// <summary>One font of the file: what it can write, and how wide that is.</summary>
    private sealed class Face(PdfDocumentBuilder builder, (byte[] File, TrueTypeFont Font) loaded)
    {
        /// <summary>How many different characters the library writes with one font.</summary>
        private const int CharacterMost = 250;

        public static readonly Lazy<(byte[] File, TrueTypeFont Font)> Regular = new(() => Load("LiberationSans-Regular.ttf"));
        public static readonly Lazy<(byte[] File, TrueTypeFont Font)> Bold = new(() => Load("LiberationSans-Bold.ttf"));

        private readonly HashSet<char> _used = [Unknown];
        private readonly Dictionary<char, double> _advances = [];

        public PdfDocumentBuilder.AddedFont Font { get; } = builder.AddTrueTypeFont(loaded.File);

        public double Measure(string text, double size) => text.Sum(Advance) * size / loaded.Font.GetUnitsPerEm();

        /// <summary>The text with a question mark for each character that the font does not have.</summary>
        public string Known(string text) => string.Concat(text.EnumerateRunes().Select(character =>
            character.IsBmp && CanWrite((char)character.Value) ? (char)character.Value : Unknown));

        private bool CanWrite(char character) =>
            _used.Contains(character) || (_used.Count < CharacterMost && Has(character) && _used.Add(character));

        private bool Has(char character) => loaded.Font.TryGetBoundingBox(character, out _);

        private double Advance(char character)
        {
            if (_advances.TryGetValue(character, out var known)) return known;
            return _advances[character] =
                loaded.Font.TryGetAdvanceWidth(character, out var width) || loaded.Font.TryGetAdvanceWidth(Unknown, out width) ? width : 0;
        }

        private static (byte[], TrueTypeFont) Load(string name)
        {
            using var resource = typeof(PdfFile).Assembly.GetManifestResourceStream(name)!;
            using var bytes = new MemoryStream();
            resource.CopyTo(bytes);
            var file = bytes.ToArray();
            return (file, TrueTypeFontParser.Parse(new TrueTypeDataBytes(file)));
        }
    }
}
