using ComputeExchange.Settlement.Domain.Documents;

namespace ComputeExchange.Settlement.Documents;

/// <summary>A document as a PDF file: the same document for the same party is the same file, to the byte.</summary>
internal sealed class PrintPdf : IDisposable
{
    private const double Left = 40;
    private const double Right = PdfFile.Width - 40;
    private const double Bottom = PdfFile.Height - 60;
    private const double Line = 12;
    private const double Size = 8;
    private const double Gap = 4;

    private readonly PdfFile _file;
    private readonly Printout _print;
    private double _y;

    private PrintPdf(Printout print, DateTimeOffset made)
    {
        _print = print;
        _file = new PdfFile($"{print.Title} {print.Number}".TrimEnd(), made);
    }

    private int Page => _file.PageCount - 1;

    public static byte[] Of(Document document, Party party)
    {
        using var print = new PrintPdf(Printout.Of(document, party), document.Head.IssuedTime);
        print.Front();
        foreach (var table in print._print.Tables) print.Table(table);
        print.Notes();
        print.Feet();
        return print._file.ToBytes();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The top of the first page: whose it is on the left, what it is on the right, and the figures that count.</summary>
    private void Front()
    {
        _file.AddPage();
        _file.Text(Page, Left, 56, "Compute Exchange", 10, bold: true, grey: 100);
        _file.Text(Page, Left, 84, _print.Title, 22, bold: true);
        _y = 112;
        var facts = _y;
        foreach (var line in _print.Party.Lines.SelectMany(line => Wrap(line, 220, 9, bold: false)))
        {
            _file.Text(Page, Left, _y, line, 9, bold: _y == facts);
            _y += Line;
        }
        foreach (var (word, says) in _print.Facts)
        {
            _file.Text(Page, 290, facts, word, Size, grey: 100);
            _file.Text(Page, 355, facts, says, Size);
            facts += Line;
        }
        _y = Math.Max(_y, facts) + 14;
        Sums();
    }

    private void Sums()
    {
        var height = (_print.Sums.Count * 14) + 12;
        _file.Box(Page, Left, _y, Right - Left, height, 245);
        _y += 16;
        for (var i = 0; i < _print.Sums.Count; i++)
        {
            var (word, amount) = _print.Sums[i];
            var bold = i >= _print.Sums.Count - 2;
            _file.Text(Page, Left + 10, _y, word, 9, bold, grey: (byte)(bold ? 0 : 60));
            Figure(Right - 10, amount, 9, bold);
            _y += 14;
        }
        _y += 22;
    }

    private void Table(PrintedTable table)
    {
        if (_y + 70 > Bottom) NextPage();
        _file.Text(Page, Left, _y, table.Heading, 11, bold: true);
        _y += 18;
        if (table.Rows.Count == 0)
        {
            _file.Text(Page, Left, _y, table.WhenEmpty, 9, grey: 100);
            _y += 28;
            return;
        }
        Words(table);
        foreach (var row in table.Rows) Row(table, row, bold: false);
        if (table.Total is not null) Row(table, table.Total, bold: true);
        _y += 22;
    }

    private void Words(PrintedTable table)
    {
        var cells = table.Columns.Select(column => Wrap(column.Word, column.Width - Gap, 7, bold: true)).ToList();
        var height = cells.Max(cell => cell.Count) * 9;
        for (var (i, x) = (0, Left); i < cells.Count; x += table.Columns[i].Width, i++)
        {
            for (var line = 0; line < cells[i].Count; line++)
            {
                var y = _y + height - ((cells[i].Count - line) * 9);
                if (table.Columns[i].IsFigure) Figure(x + table.Columns[i].Width, cells[i][line], 7, bold: true, y, grey: 100);
                else _file.Text(Page, x, y, cells[i][line], 7, bold: true, grey: 100);
            }
        }
        _y += height - 4;
        _file.Box(Page, Left, _y, Right - Left, 0.8, 100);
        _y += 11;
    }

    private void Row(PrintedTable table, IReadOnlyList<string> row, bool bold)
    {
        var cells = row.Select((text, i) => Wrap(text, table.Columns[i].Width - Gap, Size, bold)).ToList();
        var height = cells.Max(cell => cell.Count) * 10;
        if (_y + height > Bottom)
        {
            NextPage();
            Words(table);
        }
        for (var (i, x) = (0, Left); i < cells.Count; x += table.Columns[i].Width, i++)
        {
            for (var line = 0; line < cells[i].Count; line++)
            {
                if (table.Columns[i].IsFigure) Figure(x + table.Columns[i].Width, cells[i][line], Size, bold, _y + (line * 10));
                else _file.Text(Page, x, _y + (line * 10), cells[i][line], Size, bold);
            }
        }
        _y += height - 6;
        _file.Box(Page, Left, _y, Right - Left, 0.4, 215);
        _y += 11;
    }

    private void Notes()
    {
        foreach (var line in _print.Notes.SelectMany(note => Wrap(note, Right - Left, 7.5, bold: false)))
        {
            if (_y > Bottom) NextPage();
            _file.Text(Page, Left, _y, line, 7.5, grey: 90);
            _y += 11;
        }
    }

    private void Feet()
    {
        for (var page = 0; page < _file.PageCount; page++)
        {
            _file.Box(page, Left, PdfFile.Height - 46, Right - Left, 0.4, 180);
            _file.Text(page, Left, PdfFile.Height - 34, $"{_print.Title} {_print.Number}".TrimEnd(), 7.5, grey: 100);
            var count = $"Page {page + 1} of {_file.PageCount}";
            _file.Text(page, Right - _file.Measure(count, 7.5), PdfFile.Height - 34, count, 7.5, grey: 100);
        }
    }

    private void NextPage()
    {
        _file.AddPage();
        _file.Text(Page, Left, 46, $"{_print.Title} {_print.Number}".TrimEnd(), 9, bold: true, grey: 60);
        _y = 76;
    }

    private void Figure(double right, string text, double size, bool bold, double? y = null, byte grey = 0) =>
        _file.Text(Page, right - _file.Measure(text, size, bold), y ?? _y, text, size, bold, grey);

    /// <summary>The text in lines that fit; a word that is too long by itself is cut.</summary>
    private List<string> Wrap(string text, double width, double size, bool bold)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (_file.Measure(longer, size, bold) <= width)
            {
                line = longer;
                continue;
            }
            if (line.Length > 0) lines.Add(line);
            line = word;
            while (_file.Measure(line, size, bold) > width && line.Length > 1)
            {
                var fits = line.Length - 1;
                while (fits > 1 && _file.Measure(line[..fits], size, bold) > width) fits--;
                if (char.IsHighSurrogate(line[fits - 1]) && fits > 1) fits--;
                lines.Add(line[..fits]);
                line = line[fits..];
            }
        }
        lines.Add(line);
        return lines;
    }
}
