using System.Text.Json;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Sources;

/// <summary>The real restic and our source look at one folder: the trees must be the same bytes.</summary>
public sealed class When_restic_backs_up_the_same_folder : IDisposable
{
    private readonly TestFolder _folder;
    private readonly Restic _restic;

    public When_restic_backs_up_the_same_folder()
    {
        Needs.Linux();
        _restic = new Restic();
        _folder = new TestFolder();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _restic.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Trees_are_equal_byte_for_byte()
    {
        _folder.Shell(
            """
            umask 022
            printf hello > plain; : > empty; printf x > 'a&<b>.txt'; printf x > $'q"uote\\back'; printf x > $'tab\there\nline'
            printf x > "$(printf 'bad\377\376utf8')"; printf x > $'nbsp\u00a0x'; printf x > $'\ue000'; printf x > $'\uffee'; printf x > $'\U0001F4AF'
            printf x > $'\U000E0001tag'; printf x > $'\u2028line'; printf x > $'c1\u0085'
            mkdir -p deep/er; printf deep > deep/er/file; chmod 2755 deep; chmod 1777 deep/er; mkdir nothing
            ln -s plain link; ln -s $'odd\ntar"get' link2; ln plain hard; mkfifo pipe; chmod 4711 plain
            touch -d '2001-02-03 04:05:06.123456789' plain; touch -d '2001-02-03 04:05:06.12' empty; touch -d '1960-01-01 00:00:00.5' deep/er/file
            touch -h -d '2030-01-01' link
            """);
        _folder.TryShell("mknod null c 1 3; mknod block b 7 300; chown 54321:54322 empty; chown -h 1:2 link", out _);   // where root is allowed to
        _folder.TryShell("""python3 -c "import os; os.setxattr('plain', 'user.b', b'\x00\xff'); os.setxattr('plain', 'user.a', b''); os.setxattr('deep', 'user.d', b'd')" """, out _);

        _restic.Run("backup", "--quiet", _folder.Path);
        string root = _restic.Json("snapshots").EnumerateArray().Single().GetProperty("tree").GetString()!;
        using var top = await new LocalFolderSource([_folder.Path]).OpenAsync(Cancellation);
        int trees = await CompareAsync(top, root, _folder.Path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(trees >= 5);   // the folder itself, deep, er, nothing, and those above
    }

    /// <summary>Compares the trees below one, and those above the folder by their names only: the rest of the machine goes on meanwhile.</summary>
    private async Task<int> CompareAsync(ISourceFolder folder, string id, ReadOnlyMemory<string> way)
    {
        byte[] theirs = _restic.Blob(id);
        var nodes = new List<Node>();
        int trees = 1;
        var subtrees = TreeReader.ReadAll(theirs).ToDictionary(node => node.Name, node => node.Subtree);
        await foreach (var entry in folder.ListAsync(Cancellation))
        {
            Assert.Null(entry.Problem);
            var node = entry.Node!;
            if (node.Type is NodeType.Directory)
            {
                Assert.True(subtrees.TryGetValue(node.Name, out var subtree), $"restic has no {node.Name}.");
                using var inner = await folder.OpenFolderAsync(node, Cancellation);
                trees += await CompareAsync(inner, subtree.ToString()!, way.Length == 0 ? way : way[1..]);
                node = node with { Subtree = subtree };
            }

            nodes.Add(node.Type is NodeType.File ? await WithContentAsync(folder, node) : node);
        }

        if (way.Length > 0)
            Assert.Equal(way.Span[0], Assert.Single(nodes).Name.ToRaw());
        else
            Assert.Equal(System.Text.Encoding.UTF8.GetString(theirs), System.Text.Encoding.UTF8.GetString(TreeWriter.Write(nodes)));
        return trees;
    }

    private static async Task<Node> WithContentAsync(ISourceFolder folder, Node node)
    {
        await using var file = await folder.OpenFileAsync(node, Cancellation);
        using var content = new MemoryStream();
        await file.Content.CopyToAsync(content, Cancellation);
        Assert.Equal(node.SizeBytes, (ulong)content.Length);
        return node with { Content = content.Length == 0 ? [] : [BlobId.Of(content.ToArray())] };
    }
}
