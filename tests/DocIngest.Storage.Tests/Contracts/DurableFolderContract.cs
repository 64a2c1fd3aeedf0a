using System.Text;

namespace DocIngest.Storage.Tests;

/// <summary>What every durable folder promises. One class derives from it per implementation.</summary>
public abstract class DurableFolderContract : IDisposable
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IDurableFolder Folder { get; }

    /// <summary>Puts a link or FIFO where another program might leave one.</summary>
    protected abstract void Place(string path, EntryKind kind);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public void What_was_written_is_read()
    {
        Write("a", "one", "two");
        Assert.Equal("onetwo", Read("a"));
        Assert.Equal(6, Folder.Find("a")?.Stamp.SizeBytes);
    }

    [Fact]
    public async Task What_was_written_asynchronously_is_read()
    {
        await using (var file = Folder.Create("a"))
        {
            await file.WriteAsync("one"u8.ToArray(), Cancellation);
            await new MemoryStream("two"u8.ToArray()).CopyToAsync(file, Cancellation);
        }

        await using var read = Folder.OpenRead("a");
        using var text = new StreamReader(read);
        Assert.Equal("onetwo", await text.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public void Each_write_is_visible_at_once()
    {
        using var file = Folder.Create("a");
        file.Write("one"u8);
        Assert.Equal("one", Read("a"));
    }

    [Fact]
    public void A_reader_can_seek()
    {
        Write("a", "0123456789");
        using var file = Folder.OpenRead("a");
        Assert.Equal(10, file.Length);
        file.Seek(-3, SeekOrigin.End);
        Assert.Equal('7', file.ReadByte());
        file.Position = 2;
        Assert.Equal('2', file.ReadByte());
        file.Seek(20, SeekOrigin.Begin);
        Assert.Equal(-1, file.ReadByte());
    }

    [Fact]
    public void Appending_creates_then_goes_on_at_the_end()
    {
        Append("log", "one");
        Append("log", "two");
        Assert.Equal("onetwo", Read("log"));
    }

    [Fact]
    public void Creating_over_a_name_changes_nothing()
    {
        Write("a", "old");
        Assert.Throws<NameTakenException>(() => Folder.Create("a"));
        Folder.CreateFolder("f");
        Assert.Throws<NameTakenException>(() => Folder.Create("f"));
        Assert.Equal("old", Read("a"));
    }

    [Fact]
    public void Nothing_is_found_where_nothing_is()
    {
        Write("file", "");
        Assert.Null(Folder.Find("a"));
        Assert.Null(Folder.Find("a/b/c"));
        Assert.Throws<EntryNotFoundException>(() => Folder.OpenRead("a"));
        Assert.Throws<EntryNotFoundException>(() => Folder.OpenRead("a/b"));
        Assert.Throws<EntryNotFoundException>(() => Folder.Create("a/b"));
        Assert.Throws<EntryNotFoundException>(() => Folder.OpenAppend("a/b"));
        Assert.Throws<EntryNotFoundException>(() => Folder.Truncate("a", 0));
        Assert.Throws<EntryNotFoundException>(() => Folder.List("a").ToList());
        Assert.Throws<EntryNotFoundException>(() => Folder.List("file").ToList());
    }

    [Fact]
    public void The_folder_itself_is_found_and_listed()
    {
        Write("a", "1");
        Folder.CreateFolder("f/g");
        Assert.Equal(EntryKind.Folder, Folder.Find("")?.Kind);
        Assert.Equal(["a", "f"], Folder.List("").Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal("g", Assert.Single(Folder.List("f")).Name);
        Assert.Equal(EntryKind.Folder, Folder.Find("f/g")?.Kind);
    }

    [Fact]
    public void Listing_and_finding_agree()
    {
        Write("a", "12345");
        Assert.Equal(Folder.Find("a"), Assert.Single(Folder.List("")));
        Assert.Equal(1, Folder.Find("a")?.LinkCount);
    }

    [Fact]
    public void An_entry_that_vanishes_while_listed_is_left_out()
    {
        foreach (int i in Enumerable.Range(0, 2000))
            Write($"{i}", "");
        var seen = new List<string>();
        foreach (var entry in Folder.List(""))
        {
            if (seen.Count == 0)
            {
                foreach (int i in Enumerable.Range(0, 2000).Where(i => $"{i}" != entry.Name))
                    Folder.Delete($"{i}");
            }

            seen.Add(entry.Name);
        }

        Assert.Single(seen);
    }

    [Fact]
    public void Moving_never_goes_over_a_name()
    {
        Write("a", "a");
        Write("b", "b");
        Folder.CreateFolder("f");
        Folder.CreateFolder("g");
        Assert.Throws<NameTakenException>(() => Folder.Move("a", "b"));
        Assert.Throws<NameTakenException>(() => Folder.Move("a", "f"));
        Assert.Throws<NameTakenException>(() => Folder.Move("f", "g"));
        Assert.Throws<NameTakenException>(() => Folder.Move("f", "a"));
        Assert.Throws<NameTakenException>(() => Folder.Move("a", "a"));
        Assert.Throws<EntryNotFoundException>(() => Folder.Move("none", "c"));
        Assert.Throws<EntryNotFoundException>(() => Folder.Move("a", "none/c"));
        Assert.Equal("a", Read("a"));
        Assert.Equal("b", Read("b"));
    }

    [Fact]
    public void Moving_keeps_content_and_identity()
    {
        Write("a", "text");
        var before = Folder.Find("a")?.Stamp;
        Folder.CreateFolder("f");
        Folder.Move("a", "f/b");
        Assert.Equal(before, Folder.Find("f/b")?.Stamp);
        Assert.Null(Folder.Find("a"));
        Folder.Move("f", "h");
        Assert.Equal("text", Read("h/b"));
    }

    [Fact]
    public void A_folder_cannot_be_moved_into_itself()
    {
        Folder.CreateFolder("f/g");
        Assert.Throws<ArgumentException>(() => Folder.Move("f", "f/g/h"));
        Assert.NotNull(Folder.Find("f/g"));
    }

    [Fact]
    public void Replacing_goes_over_a_file_but_not_a_folder()
    {
        Write("new", "new");
        Write("old", "old");
        Folder.Replace("new", "old");
        Assert.Equal("new", Read("old"));
        Assert.Null(Folder.Find("new"));
        Folder.Replace("old", "fresh");
        Assert.Equal("new", Read("fresh"));
        Folder.CreateFolder("f");
        Assert.Throws<RefusedEntryException>(() => Folder.Replace("fresh", "f"));
        Assert.Throws<RefusedEntryException>(() => Folder.Replace("f", "fresh"));
        Assert.Throws<EntryNotFoundException>(() => Folder.Replace("none", "fresh"));
        Assert.Throws<EntryNotFoundException>(() => Folder.Replace("fresh", "none/x"));
        Assert.Equal("new", Read("fresh"));
    }

    [Fact]
    public void Another_file_under_the_same_name_is_another_identity()
    {
        Write("a", "text");
        var first = Folder.Find("a")?.Stamp.FileId;
        Write("b", "text");
        Folder.Replace("b", "a");
        Assert.NotEqual(first, Folder.Find("a")?.Stamp.FileId);
    }

    [Fact]
    public void Deleting_takes_files_only_and_what_is_not_there_is_no_error()
    {
        Write("a", "");
        Folder.CreateFolder("f");
        Folder.Delete("a");
        Folder.Delete("a");
        Folder.Delete("none/a");
        Assert.Throws<RefusedEntryException>(() => Folder.Delete("f"));
        Assert.Equal("f", Assert.Single(Folder.List("")).Name);
    }

    [Fact]
    public void Only_an_empty_folder_is_deleted_as_such()
    {
        Folder.CreateFolder("f");
        Write("f/a", "");
        Assert.False(Folder.DeleteEmptyFolder("f"));
        Assert.False(Folder.DeleteEmptyFolder("none"));
        Assert.False(Folder.DeleteEmptyFolder("none/none"));
        Assert.Throws<RefusedEntryException>(() => Folder.DeleteEmptyFolder("f/a"));
        Folder.Delete("f/a");
        Assert.True(Folder.DeleteEmptyFolder("f"));
        Assert.Null(Folder.Find("f"));
    }

    [Fact]
    public void A_tree_is_deleted_with_all_it_holds()
    {
        Folder.CreateFolder("f/g/h");
        Write("f/a", "");
        Write("f/g/b", "");
        Write("c", "");
        Place("f/g/link", EntryKind.Link);
        Folder.DeleteTree("f");
        Folder.DeleteTree("f");
        Folder.DeleteTree("none/f");
        Folder.DeleteTree("c");
        Assert.Empty(Folder.List(""));
    }

    [Fact]
    public void A_folder_is_created_with_its_parents_and_not_over_a_file()
    {
        Folder.CreateFolder("a/b/c");
        Folder.CreateFolder("a/b/c");
        Folder.CreateFolder("");
        Write("a/file", "");
        Assert.Throws<NameTakenException>(() => Folder.CreateFolder("a/file"));
        Assert.Throws<NameTakenException>(() => Folder.CreateFolder("a/file/d"));
        Assert.Equal(EntryKind.Folder, Folder.Find("a/b/c")?.Kind);
    }

    [Fact]
    public void Truncating_cuts_and_never_extends()
    {
        Write("a", "0123456789");
        Folder.Truncate("a", 4);
        Folder.Truncate("a", 8);
        Append("a", "x");
        Assert.Equal("0123x", Read("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Folder.Truncate("a", -1));
    }

    [Theory]
    [InlineData(EntryKind.Link)]
    [InlineData(EntryKind.Special)]
    public void What_is_no_file_is_described_and_refused(EntryKind kind)
    {
        Place("odd", kind);
        Assert.Equal(kind, Folder.Find("odd")?.Kind);
        Assert.Equal(kind, Assert.Single(Folder.List("")).Kind);
        Assert.Throws<RefusedEntryException>(() => Folder.OpenRead("odd"));
        Assert.Throws<RefusedEntryException>(() => Folder.OpenAppend("odd"));
        Assert.Throws<RefusedEntryException>(() => Folder.Truncate("odd", 0));
        Assert.Throws<NameTakenException>(() => Folder.Create("odd"));
        Assert.Equal(WriterProbe.Unknown, Folder.ProbeWriter("odd"));
        Folder.Delete("odd");
        Assert.Null(Folder.Find("odd"));
    }

    [Fact]
    public void A_folder_is_not_opened_as_a_file()
    {
        Folder.CreateFolder("f");
        Assert.Throws<RefusedEntryException>(() => Folder.OpenRead("f"));
        Assert.Throws<RefusedEntryException>(() => Folder.OpenAppend("f"));
        Assert.Throws<RefusedEntryException>(() => Folder.Truncate("f", 0));
    }

    [Fact]
    public void A_link_in_the_middle_of_a_path_is_refused_by_every_member()
    {
        Place("link", EntryKind.Link);
        Write("a", "");
        Action[] members =
        [
            () => Folder.Find("link/a"), () => _ = Folder.List("link").ToList(), () => Folder.OpenRead("link/a"),
            () => Folder.Create("link/b"), () => Folder.OpenAppend("link/b"), () => Folder.Truncate("link/a", 0),
            () => Folder.Move("a", "link/a2"), () => Folder.Move("link/a", "b"), () => Folder.Replace("a", "link/a"),
            () => Folder.Delete("link/a"), () => Folder.DeleteEmptyFolder("link/f"), () => Folder.DeleteTree("link/a"),
        ];
        Assert.All(members, member => Assert.Throws<RefusedEntryException>(member));
        Assert.Throws<NameTakenException>(() => Folder.CreateFolder("link/f"));
        Assert.Equal(WriterProbe.Unknown, Folder.ProbeWriter("link/a"));
    }

    [Theory]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\0b")]
    public void A_path_that_cannot_be_is_an_argument_error(string path)
    {
        Action[] members =
        [
            () => Folder.Find(path), () => Folder.OpenRead(path), () => Folder.Create(path), () => Folder.OpenAppend(path),
            () => Folder.CreateFolder(path), () => Folder.Move(path, "x"), () => Folder.Move("x", path), () => Folder.Replace(path, "x"),
            () => Folder.Delete(path), () => Folder.DeleteEmptyFolder(path), () => Folder.DeleteTree(path), () => Folder.Truncate(path, 0),
            () => Folder.ProbeWriter(path), () => _ = Folder.List(path).ToList(),
        ];
        Assert.All(members, member => Assert.Throws<ArgumentException>(member));
    }

    [Fact]
    public void The_folder_itself_cannot_be_changed()
    {
        Assert.Throws<ArgumentException>(() => Folder.DeleteTree(""));
        Assert.Throws<ArgumentException>(() => Folder.DeleteEmptyFolder(""));
        Assert.Throws<ArgumentException>(() => Folder.Move("", "a"));
        Assert.Throws<ArgumentException>(() => Folder.Create(""));
    }

    [Fact]
    public void Any_name_a_disk_can_hold_works_in_all_members()
    {
        string[] names = [new('x', 255), "line\nbreak", "caf\u00e9", "caf\uDCE9", "\uDCFF\uDC80", "name with spaces ", "*?\"<>|\\:", "-rf"];
        foreach (string name in names)
        {
            Write(name, "text");
            Assert.Equal(name, Folder.Find(name)?.Name);
            Assert.Equal(name, Assert.Single(Folder.List("")).Name);
            Folder.Truncate(name, 1);
            Append(name, "x");
            Folder.CreateFolder("f");
            Folder.Move(name, $"f/{name}");
            Folder.Replace($"f/{name}", name);
            Assert.Equal("tx", Read(name));
            Folder.Delete(name);
            Folder.DeleteTree("f");
            Folder.CreateFolder($"{name}/{name}");
            Assert.True(Folder.DeleteEmptyFolder($"{name}/{name}"));
            Folder.DeleteTree(name);
            Assert.Empty(Folder.List(""));
        }
    }

    [Fact]
    public void A_name_of_256_bytes_is_not_allowed()
    {
        Write("a", "text");
        Assert.Throws<NameNotAllowedException>(() => Folder.Create(new string('x', 256)));
        Assert.Throws<NameNotAllowedException>(() => Folder.Find(new string('\u00e9', 128)));
        Assert.Throws<NameNotAllowedException>(() => Folder.Move("a", new string('x', 256)));
        Assert.Equal("text", Read("a"));
    }

    [Fact]
    public void A_path_longer_than_the_system_takes_at_once_works()
    {
        string path = string.Join('/', Enumerable.Repeat(new string('x', 255), 20));
        Folder.CreateFolder(path);
        Write($"{path}/a", "text");
        Assert.Equal("text", Read($"{path}/a"));
        Folder.DeleteTree(new string('x', 255));
        Assert.Empty(Folder.List(""));
    }

    [Fact]
    public void No_message_tells_an_entry_name()
    {
        const string Patient = "Mustermann-Erika";
        Write(Patient, "");
        Folder.CreateFolder("f");
        Place("link", EntryKind.Link);
        Action[] failing =
        [
            () => Folder.Create(Patient), () => Folder.OpenRead($"{Patient}/x"), () => Folder.OpenRead($"x{Patient}"),
            () => Folder.Move("f", Patient), () => Folder.Move($"x{Patient}", "y"), () => Folder.Find($"link/{Patient}"),
            () => Folder.CreateFolder(Patient), () => Folder.Create($"{Patient}/"), () => Folder.Create(Patient + new string('x', 300)),
            () => Folder.DeleteEmptyFolder(Patient),
        ];
        foreach (var member in failing)
        {
            var error = Record.Exception(member);
            Assert.NotNull(error);
            Assert.DoesNotContain(Patient, error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_open_writer_is_told_from_none()
    {
        using (var file = Folder.Create("a"))
        {
            file.Write("x"u8);
            Assert.Equal(WriterProbe.Writer, Folder.ProbeWriter("a"));
        }

        using (Folder.OpenAppend("a"))
            Assert.Equal(WriterProbe.Writer, Folder.ProbeWriter("a"));
        using (Folder.OpenRead("a"))
            Assert.Equal(WriterProbe.NoWriter, Folder.ProbeWriter("a"));
        Assert.Equal(WriterProbe.Unknown, Folder.ProbeWriter("none"));
    }

    [Fact]
    public async Task A_flush_carries_all_kinds_of_changes()
    {
        var mark = Folder.Mark();
        using var open = Folder.Create("open");
        open.Write("text"u8);
        Folder.CreateFolder("a/b");
        Write("a/b/c", "text");
        Folder.Move("a/b", "d");
        Folder.Delete("d/c");
        Folder.DeleteTree("a");
        await Folder.FlushAsync(mark, Cancellation);
        await Folder.FlushAsync(Cancellation);
        Assert.Equal(mark, Folder.Mark());
    }

    [Fact]
    public async Task Many_flushes_at_once_all_return()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            await Task.Yield();
            Write($"{i}", "text");
            await Folder.FlushAsync(Cancellation);
        }));
        Assert.Equal(50, Folder.List("").Count());
    }

    [Fact]
    public async Task A_cancelled_flush_is_cancelled()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Folder.FlushAsync(new CancellationToken(canceled: true)));
        await Folder.FlushAsync(Cancellation);
    }

    [Fact]
    public void There_is_free_space() => Assert.True(Folder.FreeBytes() > 0);

    [Fact]
    public void The_write_time_moves_with_the_content()
    {
        Write("a", "x");
        var first = Folder.Find("a")?.Stamp.WriteTimeNanoseconds;
        Append("a", "y");
        Assert.True(Folder.Find("a")?.Stamp.WriteTimeNanoseconds >= first);
        Assert.True(first > 1_600_000_000_000_000_000);
    }

    protected void Write(string path, params string[] parts)
    {
        using var file = Folder.Create(path);
        foreach (string part in parts)
            file.Write(Encoding.UTF8.GetBytes(part));
    }

    protected void Append(string path, string text)
    {
        using var file = Folder.OpenAppend(path);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    protected string Read(string path)
    {
        using var text = new StreamReader(Folder.OpenRead(path));
        return text.ReadToEnd();
    }
}
