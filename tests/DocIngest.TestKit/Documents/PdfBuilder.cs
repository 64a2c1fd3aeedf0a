using System.Security.Cryptography;
using System.Text;

namespace DocIngest.TestKit.Documents;

/// <summary>A PDF 1.4 with classic cross-reference table and one content stream a page.</summary>
public sealed class PdfBuilder
{
    // ISO 32000-1, 7.6.3.3: what pads a password.
    private static readonly byte[] PasswordPadding = Convert.FromHexString("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A");
    private static readonly byte[] FileId = Encoding.ASCII.GetBytes("docingest-testid");

    private readonly List<string> _pages = [];
    private readonly SortedDictionary<string, string> _information = new(StringComparer.Ordinal);
    private string? _xmp;
    private (byte[] Jpeg, int Width, int Height)? _scan;
    private string? _password;
    private string _boxes = "/MediaBox [0 0 595 842]";
    private string _pending = "";
    private bool _hasPending;

    /// <summary>Pages that carry text, one line of the string a line; several with <see cref="Pages"/>.</summary>
    public PdfBuilder WithTextLayer(string text)
    {
        var content = new StringBuilder("BT /F1 12 Tf 14 TL 50 780 Td\n");
        foreach (string line in text.Split('\n'))
        {
            content.Append('(').Append(Escape(line)).Append(") Tj T*\n");
        }

        return Page(content.Append("ET\n").ToString());
    }

    /// <summary>A page that shows an image and nothing else.</summary>
    public PdfBuilder WithImage() => Page("q 500 0 0 700 50 50 cm /Im1 Do Q\n");

    /// <summary>A page with an image through a form XObject.</summary>
    public PdfBuilder WithForm() => Page("q /Fm1 Do Q\n");

    /// <summary>A page with an image and a little text on it.</summary>
    public PdfBuilder WithImageAndText(string text) => Page($"q 500 0 0 700 50 50 cm /Im1 Do Q\nBT /F1 12 Tf 50 20 Td ({Escape(text)}) Tj ET\n");

    /// <summary>A scanned page as large as the sheet, with text over it; all such pages of a document show the same grey JPEG.</summary>
    /// <param name="jpeg">The scan.</param>
    /// <param name="width">Its pixels.</param>
    /// <param name="height">Its pixels.</param>
    /// <param name="text">Lines of the text layer; empty for none.</param>
    /// <param name="isVisible">Shown as a stamp; otherwise as OCR lays it.</param>
    public PdfBuilder WithScan(byte[] jpeg, int width, int height, string text = "", bool isVisible = false)
    {
        _scan = (jpeg, width, height);
        var content = new StringBuilder($"q 595 0 0 842 0 0 cm /Im1 Do Q\nBT {(isVisible ? 0 : 3)} Tr /F1 10 Tf 12 TL 40 820 Td\n");
        foreach (string line in text.Split('\n'))
        {
            content.Append('(').Append(Escape(line)).Append(") Tj T*\n");
        }

        return Page(content.Append("ET\n").ToString());
    }

    /// <summary>A page with lines drawn on it.</summary>
    public PdfBuilder WithDrawing() => Page("2 w 50 50 m 500 700 l S\n");

    /// <summary>A page with nothing on it.</summary>
    public PdfBuilder WithBlankPage() => Page("");

    /// <summary>Any content stream.</summary>
    public PdfBuilder Page(string content)
    {
        Settle();
        _pending = content;
        _hasPending = true;
        return this;
    }

    /// <summary>The page described last, so many times.</summary>
    public PdfBuilder Pages(int count)
    {
        for (int page = 0; page < count; page++)
        {
            _pages.Add(_pending);
        }

        _hasPending = false;
        return this;
    }

    /// <summary>Boxes, rotation and unit of all pages, as PDF has them; by default A4.</summary>
    public PdfBuilder WithPageEntries(string entries)
    {
        _boxes = entries;
        return this;
    }

    public PdfBuilder WithInformation(string name, string value)
    {
        _information[name] = value;
        return this;
    }

    public PdfBuilder WithXmp(string packet)
    {
        _xmp = packet;
        return this;
    }

    /// <summary>Standard security handler, revision 2: RC4 with 40 bits. Nothing can be read without the password.</summary>
    public PdfBuilder EncryptedWith(string password)
    {
        _password = password;
        return this;
    }

    public byte[] ToBytes()
    {
        Settle();
        var objects = Describe();
        var encryption = _password is null ? null : new Encryption(_password);
        var file = new Bytes().Text("%PDF-1.4\n%\u00E2\u00E3\u00CF\u00D3\n");
        var offsets = new List<int>();
        for (int index = 0; index < objects.Count; index++)
        {
            offsets.Add(file.Length);
            Write(file, index + 1, objects[index], encryption);
        }

        int table = file.Length;
        file.Text($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        foreach (int offset in offsets)
        {
            file.Text($"{offset:D10} 00000 n \n");
        }

        string id = Convert.ToHexString(FileId);
        string encrypt = encryption is null ? "" : $" /Encrypt {encryption.Dictionary}";
        file.Text($"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R /Info 2 0 R /ID [<{id}> <{id}>]{encrypt} >>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();
    }

    private void Settle()
    {
        if (_hasPending)
        {
            Pages(1);
        }
    }

    private List<(string Dictionary, byte[]? Stream)> Describe()
    {
        // 1 catalog, 2 information, 3 page tree, 4 font, 5 image, 6 form, 7 metadata, then page and content in turn.
        const int FirstPage = 8;
        string kids = string.Join(' ', _pages.Select((_, index) => $"{FirstPage + (2 * index)} 0 R"));
        string information = string.Join(' ', _information.Select(entry => $"/{entry.Key} ({Escape(entry.Value)})"));
        byte[] xmp = Encoding.UTF8.GetBytes(_xmp ?? "");
        byte[] pixels = [.. Enumerable.Range(0, 64).Select(index => (byte)(index * 4))];
        byte[] form = Encoding.ASCII.GetBytes("q 300 0 0 300 100 100 cm /Im1 Do Q\n");
        var objects = new List<(string, byte[]?)>
        {
            ($"<< /Type /Catalog /Pages 3 0 R{(_xmp is null ? "" : " /Metadata 7 0 R")} >>", null),
            ($"<< {information} >>", null),
            ($"<< /Type /Pages /Kids [{kids}] /Count {_pages.Count} >>", null),
            ("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>", null),
            _scan is { } scan
                ? ($"<< /Type /XObject /Subtype /Image /Width {scan.Width} /Height {scan.Height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Length {scan.Jpeg.Length} >>", scan.Jpeg)
                : ($"<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length {pixels.Length} >>", pixels),
            ($"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /Im1 5 0 R >> >> /Length {form.Length} >>", form),
            ($"<< /Type /Metadata /Subtype /XML /Length {xmp.Length} >>", xmp),
        };
        for (int index = 0; index < _pages.Count; index++)
        {
            byte[] content = Encoding.Latin1.GetBytes(_pages[index]);
            objects.Add(($"<< /Type /Page /Parent 3 0 R {_boxes} /Contents {FirstPage + (2 * index) + 1} 0 R "
                + "/Resources << /Font << /F1 4 0 R >> /XObject << /Im1 5 0 R /Fm1 6 0 R >> >> >>", null));
            objects.Add(($"<< /Length {content.Length} >>", content));
        }

        return objects;
    }

    private static void Write(Bytes file, int number, (string Dictionary, byte[]? Stream) described, Encryption? encryption)
    {
        // Strings stay as they are: encrypted files of ours have none in their objects but what nobody reads.
        file.Text($"{number} 0 obj\n{described.Dictionary}\n");
        if (described.Stream is { } stream)
        {
            file.Text("stream\n").Raw(encryption?.Apply(number, stream) ?? stream).Text("\nendstream\n");
        }

        file.Text("endobj\n");
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("(", "\\(").Replace(")", "\\)");

    /// <summary>ISO 32000-1, 7.6.2 to 7.6.3, algorithms 1 to 4.</summary>
    private sealed class Encryption
    {
        private const int Permissions = -4;
        private readonly byte[] _key;

        public Encryption(string password)
        {
            byte[] padded = [.. Encoding.Latin1.GetBytes(password).Concat(PasswordPadding).Take(32)];
            byte[] owner = Rc4(Digest(padded)[..5], padded);
            _key = Digest([.. padded, .. owner, .. BitConverter.GetBytes(Permissions), .. FileId])[..5];
            byte[] user = Rc4(_key, PasswordPadding);
            Dictionary = $"<< /Filter /Standard /V 1 /R 2 /P {Permissions} /O <{Convert.ToHexString(owner)}> /U <{Convert.ToHexString(user)}> >>";
        }

        public string Dictionary { get; }

        public byte[] Apply(int number, byte[] data) =>
            Rc4(Digest([.. _key, (byte)number, (byte)(number >> 8), (byte)(number >> 16), 0, 0])[..10], data);

#pragma warning disable RS0030, CA5351 // The format prescribes MD5; it protects nothing here.
        private static byte[] Digest(byte[] data) => MD5.HashData(data);
#pragma warning restore RS0030, CA5351

        private static byte[] Rc4(byte[] key, byte[] data)
        {
            byte[] state = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
            for (int i = 0, j = 0; i < 256; i++)
            {
                j = (j + state[i] + key[i % key.Length]) & 0xFF;
                (state[i], state[j]) = (state[j], state[i]);
            }

            byte[] result = new byte[data.Length];
            for (int n = 0, i = 0, j = 0; n < data.Length; n++)
            {
                i = (i + 1) & 0xFF;
                j = (j + state[i]) & 0xFF;
                (state[i], state[j]) = (state[j], state[i]);
                result[n] = (byte)(data[n] ^ state[(state[i] + state[j]) & 0xFF]);
            }

            return result;
        }
    }
}
