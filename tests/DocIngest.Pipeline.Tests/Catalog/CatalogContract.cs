using System.Data.Common;
using CsCheck;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Catalog;

/// <summary>What every catalog does, whatever database holds it.</summary>
public abstract class CatalogContract
{
    protected abstract ICatalogReader Reader { get; }

    protected abstract ICatalogWriter Writer { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Runs work in a write transaction and commits.</summary>
    protected abstract Task WriteAsync(Action<DbTransaction> work);

    protected Task PutAsync(params CatalogEntry[] entries) => WriteAsync(transaction => Writer.Put(transaction, entries));

    protected RecordId[] Found(FindQuery query) => [.. Reader.Find(query, Cancellation).Select(found => found.Id)];

    protected RecordId[] Found(string text) => Found(new FindQuery { Text = text });

    [Fact]
    public async Task An_empty_query_lists_newest_first()
    {
        await PutAsync(A.Entry(A.Id(2)), A.Entry(A.Id(9)), A.Entry(A.Id(5)));
        Assert.Equal([A.Id(9), A.Id(5), A.Id(2)], Found(" "));
        Assert.Equal([A.Id(9), A.Id(5)], Found(new FindQuery { Limit = 2 }));
        Assert.Empty(Found(new FindQuery { Limit = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Found(new FindQuery { Limit = -1 }));
        Assert.Equal(3, Reader.Count());
    }

    [Fact]
    public async Task Ids_with_one_order_key_are_ordered_by_the_whole_id_however_they_came()
    {
        RecordId[] newestFirst = [A.Id(6), A.Id(5, 900), A.Id(5, 40), A.Id(5, 3), A.Id(5), A.Id(4)];
        Assert.Equal(A.Id(5, 900).OrderKey, A.Id(5).OrderKey);
        foreach (int at in new[] { 3, 0, 1, 5, 4, 2 })
        {
            await PutAsync(A.Entry(newestFirst[at], "word").Fields(("box", "7")));
        }

        Assert.Equal(newestFirst, Found(""));
        Assert.Equal(newestFirst, Found("word"));
        Assert.Equal(newestFirst, Found(new FindQuery { Fields = [new("box", "7")] }));
        Assert.All(newestFirst, id => Assert.Equal(id, Reader.Show(id)?.Record.Id));
    }

    [Fact]
    public Task Any_order_of_puts_and_removals_gives_one_order_of_records() =>
        // Few instants and small tails: most ids collide, also with those that others were pushed to.
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5], Gen.Bool).Array[1, 25].SampleAsync(async steps =>
        {
            var held = new HashSet<RecordId>();
            await WriteAsync(transaction =>
            {
                foreach (var id in Found("").ToArray())
                {
                    Writer.Remove(transaction, id);
                }
            });
            foreach (var (instant, tail, put) in steps)
            {
                // Tails from bit 53 up change the order key by one; lower ones do not.
                var id = A.Id(0, ((long)instant << 53) + tail);
                await WriteAsync(transaction =>
                {
                    if (put)
                    {
                        Writer.Put(transaction, A.Entry(id, $"tail {tail}").Fields(("tail", $"{tail}")));
                    }
                    else
                    {
                        Assert.Equal(held.Contains(id), Writer.Remove(transaction, id));
                    }
                });
                _ = put ? held.Add(id) : held.Remove(id);
            }

            Assert.Equal(held.OrderDescending(), Found(""));
            Assert.All(held, id => Assert.Equal(id, Reader.Show(id)?.Record.Id));
            Assert.Equal(held.Where(id => Reader.Text(id) == "tail 3").OrderDescending(), Found("tail 3"));
            Assert.Equal(Found("\"tail 3\""), Found(new FindQuery { Fields = [new("tail", "3")] }));
        }, iter: 40, threads: 1);

    [Fact]
    public async Task Words_must_all_occur_and_phrases_in_order()
    {
        await PutAsync(
            A.Entry(A.Id(1), "chronic heart failure"),
            A.Entry(A.Id(2), "failure of the heart"),
            A.Entry(A.Id(3), "kidney failure"));
        Assert.Equal([A.Id(2), A.Id(1)], Found("HEART failure"));
        Assert.Equal([A.Id(1)], Found("\"heart failure\""));
        Assert.Equal([A.Id(1)], Found("chronic \"heart failure"));
        Assert.Empty(Found("heart kidney"));
        Assert.Empty(Found("fail"));
    }

    [Fact]
    public async Task A_trailing_star_searches_beginnings()
    {
        await PutAsync(A.Entry(A.Id(1), "cardiology"), A.Entry(A.Id(2), "cardiac arrest"), A.Entry(A.Id(3), "card"));
        Assert.Equal([A.Id(3), A.Id(2), A.Id(1)], Found("card*"));
        Assert.Equal([A.Id(2), A.Id(1)], Found("cardi*"));
        Assert.Equal([A.Id(2)], Found("\"cardiac arr\"*"));
        Assert.Equal([A.Id(2)], Found("\"cardiac arr*\""));
        Assert.Equal([A.Id(3)], Found("card"));
    }

    [Theory]
    [InlineData("O'Brien", "Mr O'Brien, born")]
    [InlineData("2024-01-15", "on 2024-01-15 at")]
    [InlineData("muller", "Dr. Müller")]
    [InlineData("MÜLLER", "Dr. Mu\u0308ller")]
    [InlineData("Ångström", "angstrom")]
    [InlineData("straße", "in der Straße")]
    [InlineData("ньютон", "Ньютон")]
    [InlineData("a:b", "a:b")]
    [InlineData("NOT", "it is not")]
    [InlineData("AND OR NEAR(x", "near x and or")]
    [InlineData("-5", "minus 5")]
    [InlineData("c++", "c")]
    [InlineData("^start", "the start")]
    [InlineData("body:x", "body x")]
    [InlineData("{x}", "x")]
    public async Task What_a_person_types_is_found(string query, string text)
    {
        await PutAsync(A.Entry(A.Id(1), text), A.Entry(A.Id(2), "something else"));
        Assert.Equal([A.Id(1)], Found(query));
    }

    [Fact]
    public async Task Punctuation_within_a_word_makes_a_phrase()
    {
        await PutAsync(A.Entry(A.Id(1), "15 01 2024"), A.Entry(A.Id(2), "2024/01/15"));
        Assert.Equal([A.Id(2)], Found("2024-01-15"));
    }

    [Theory]
    [InlineData("-")]
    [InlineData("\"\"")]
    [InlineData("* * *")]
    [InlineData("\uE000*")]
    [InlineData("…!?")]
    public void A_query_with_nothing_to_search_for_is_refused_at_once(string query) =>
        Assert.Throws<QueryTextException>(() => Reader.Find(new FindQuery { Text = query }, Cancellation));

    [Fact]
    public void A_query_beyond_all_measure_is_refused()
    {
        Assert.Throws<QueryTextException>(() => Found(string.Join(' ', Enumerable.Range(0, SearchText.MaxTerms + 1))));
        Assert.Throws<QueryTextException>(() => Found(new string('a', SearchText.MaxLength + 1)));
        Assert.Empty(Found(string.Join(' ', Enumerable.Range(0, SearchText.MaxTerms))));
        Assert.Empty(Found("\"" + string.Concat(Enumerable.Repeat("a ", (SearchText.MaxLength / 2) - 1)) + "\""));
    }

    [Fact]
    public async Task Any_query_text_is_answered_or_refused()
    {
        await PutAsync(A.Entry(A.Id(1), "some text with a few words"));
        var nasty = Gen.OneOf(
            Gen.String,
            Gen.String[Gen.Char["\"*'-:^(){}+\\\0\uE000\uD800\uDC00\u0301 \t\nabANDORNOTéß"], 0, 40],
            Gen.Char.Array[0, 30].Select(letters => new string(letters)));
        Gen.Select(nasty, Gen.Bool).Sample((text, rank) =>
        {
            try
            {
                Assert.InRange(Found(new FindQuery { Text = text, Rank = rank, Limit = 5 }).Length, 0, 1);
            }
            catch (QueryTextException)
            {
                Assert.False(text.Any(char.IsAsciiLetterOrDigit) && text.Length < 1_000);
            }
        }, iter: 3_000, threads: 1);
    }

    [Fact]
    public async Task Every_filter_narrows_the_list_with_and_without_text()
    {
        await PutAsync(
            A.Entry(A.Id(1), "report", recordClass: "letter").Fields(("patient", "17"), ("ward", "B")),
            A.Entry(A.Id(2), "report", recordClass: "lab").Fields(("patient", "17"), ("ward", "A")),
            A.Entry(A.Id(3), "note", recordClass: "lab").Fields(("patient", "18"), ("ward", "B"))
                .With(record => record with { TextStatus = TextStatus.PendingOcr, Flags = ["late-bytes"], Tags = ["urgent", "late"] }));
        FieldValue seventeen = new("patient", "17");
        Assert.Equal([A.Id(2), A.Id(1)], Found(new FindQuery { Fields = [seventeen] }));
        Assert.Equal([A.Id(1)], Found(new FindQuery { Fields = [seventeen, new("ward", "B")] }));
        var either = seventeen with { Or = "18" };   // as it is kept now, or as it was typed
        Assert.Equal([A.Id(3), A.Id(2), A.Id(1)], Found(new FindQuery { Fields = [either] }));
        Assert.Equal([A.Id(3), A.Id(1)], Found(new FindQuery { Fields = [either, new("ward", "B")] }));
        Assert.Equal([A.Id(2), A.Id(1)], Found(new FindQuery { Fields = [either], Text = "report" }));
        Assert.Equal([A.Id(3), A.Id(2)], Found(new FindQuery { RecordClass = "lab" }));
        Assert.Equal([A.Id(2)], Found(new FindQuery { RecordClass = "lab", Fields = [seventeen] }));
        Assert.Equal([A.Id(2)], Found(new FindQuery { RecordClass = "lab", Text = "report" }));
        Assert.Equal([A.Id(2)], Found(new FindQuery { Fields = [seventeen, new("ward", "A")], Text = "report" }));
        Assert.Equal([A.Id(3)], Found(new FindQuery { TextStatus = TextStatus.PendingOcr }));
        Assert.Equal([A.Id(3)], Found(new FindQuery { Flags = ["late-bytes"] }));
        Assert.Equal([A.Id(3)], Found(new FindQuery { Flags = ["late-bytes"], RecordClass = "lab" }));
        Assert.Empty(Found(new FindQuery { Flags = ["late-bytes"], Text = "report" }));
        Assert.Empty(Found(new FindQuery { Flags = ["late-bytes", "allergy"] }));
        Assert.Equal([A.Id(3)], Found(new FindQuery { Tags = ["urgent"] }));
        Assert.Equal([A.Id(3)], Found(new FindQuery { Tags = ["urgent", "late"], Flags = ["late-bytes"] }));
        Assert.Empty(Found(new FindQuery { Tags = ["late-bytes"] }));
        Assert.Empty(Found(new FindQuery { Fields = [new("patient", "1")] }));
        Assert.Empty(Found(new FindQuery { Fields = [new("17", "patient")], Text = "report" }));
        Assert.Empty(Found(new FindQuery { RecordClass = "LAB" }));
    }

    [Fact]
    public async Task A_range_has_its_beginning_and_not_its_end()
    {
        await PutAsync([.. Enumerable.Range(0, 5).Select(at => A.Entry(A.Id(at), "x", recordClass: "c").Fields(("f", "v")))]);
        FindQuery[] shapes =
        [
            new(), new() { Text = "x" }, new() { RecordClass = "c" }, new() { Fields = [new("f", "v")] },
            new() { Text = "x", Rank = true },
        ];
        foreach (var shape in shapes)
        {
            Assert.Equal([A.Id(3), A.Id(2), A.Id(1)], Found(shape with { From = A.Id(1).DrawnAt, To = A.Id(4).DrawnAt }));
            Assert.Equal([A.Id(4), A.Id(3)], Found(shape with { From = A.Id(2).DrawnAt.AddTicks(1) }));
            Assert.Equal([A.Id(1), A.Id(0)], Found(shape with { To = A.Id(1).DrawnAt.AddTicks(1) }));
            Assert.Empty(Found(shape with { From = A.Id(3).DrawnAt, To = A.Id(3).DrawnAt }));
            Assert.Equal(5, Found(shape with { From = DateTimeOffset.MinValue, To = DateTimeOffset.MaxValue }).Length);
        }
    }

    [Fact]
    public async Task Field_values_file_name_and_title_are_searched_and_tags_are_not()
    {
        await PutAsync(
            A.Entry(A.Id(1), "body").Fields(("doctor", "Wieland")),
            A.Entry(A.Id(2), "body").With(record => record with { FileName = "discharge_0815.tif" }),
            A.Entry(A.Id(3), "body").With(record => record with
            {
                Metadata = new SortedDictionary<string, string> { ["pdf:title"] = "Befund", ["pdf:producer"] = "Hidden" },
            }));
        Assert.Equal([A.Id(1)], Found("wieland"));
        Assert.Equal([A.Id(2)], Found("0815"));
        Assert.Equal([A.Id(3)], Found("befund"));
        Assert.Empty(Found("hidden"));
        Assert.Empty(Found("letter"));
        Assert.Empty(Found("doctor"));
        string tag = SearchTags.OfClass("letter");
        Assert.Empty(Found(tag));
        Assert.Empty(Found(tag[..3] + "*"));
    }

    [Fact]
    public async Task Text_cannot_pass_for_a_tag()
    {
        await PutAsync(A.Entry(A.Id(1), $"x {SearchTags.OfClass("secret")} {SearchTags.OfField("a", "b")}"));
        Assert.Empty(Found(new FindQuery { Text = "x", RecordClass = "secret" }));
        Assert.Empty(Found(new FindQuery { Text = "x", Fields = [new("a", "b")] }));
    }

    [Fact]
    public async Task Rank_puts_the_best_match_first_and_the_newest_of_equals()
    {
        await PutAsync(
            A.Entry(A.Id(1), "fracture fracture fracture"),
            A.Entry(A.Id(2), "a fracture among very many other words of a long report on something else"),
            A.Entry(A.Id(3), "a fracture among very many other words of a long report on something else"));
        var ranked = Reader.Find(new FindQuery { Text = "fracture", Rank = true, Limit = 3 }, Cancellation).ToArray();
        Assert.Equal([A.Id(1), A.Id(3), A.Id(2)], ranked.Select(found => found.Id));
        Assert.True(ranked[0].Score > ranked[1].Score);
        Assert.Equal([A.Id(3), A.Id(2)], Found(new FindQuery { Rank = true, Limit = 2 }));
    }

    [Fact]
    public async Task A_filter_does_not_change_the_rank()
    {
        await PutAsync(A.Entry(A.Id(1), "gout"), A.Entry(A.Id(2), "no such word", recordClass: "lab"));
        double? Score(FindQuery query) => Assert.Single(Reader.Find(query with { Text = "gout", Rank = true }, Cancellation)).Score;
        Assert.Equal(Score(new FindQuery()), Score(new FindQuery { RecordClass = "letter" }));
    }

    [Fact]
    public async Task A_new_version_replaces_the_old_one_everywhere()
    {
        var id = A.Id(1);
        await PutAsync(A.Entry(id, "oldword").Fields(("case", "1")).With(record => record with { DocumentKey = "K1" }));
        await PutAsync(A.Entry(id, "newword", version: 2, recordClass: "lab").Fields(("case", "2")).With(record => record with { DocumentKey = "K2" }));
        Assert.Empty(Found("oldword"));
        Assert.Empty(Found(new FindQuery { Fields = [new("case", "1")] }));
        Assert.Empty(Found(new FindQuery { RecordClass = "letter" }));
        Assert.Equal([id], Found(new FindQuery { Text = "newword", Fields = [new("case", "2")], RecordClass = "lab" }));
        Assert.Equal(2, Reader.Show(id)?.Head.Number);
        Assert.Equal(2, Assert.Single(Reader.Find(new FindQuery(), Cancellation)).Version);
        Assert.Equal("newword", Reader.Text(id));
        Assert.Empty(Reader.WithDocumentKey("default", "K1"));
        Assert.Equal([id], Reader.WithDocumentKey("default", "K2"));
        Assert.Empty(Reader.WithContent(A.Digest(id, 1)));
        Assert.Equal([id], Reader.WithContent(A.Digest(id, 2)));
        Assert.Equal(1, Reader.Count());
    }

    [Fact]
    public async Task A_replay_of_an_older_version_changes_nothing()
    {
        await PutAsync(A.Entry(A.Id(1), "second", version: 2));
        await PutAsync(A.Entry(A.Id(1), "first"));
        Assert.Equal("second", Reader.Text(A.Id(1)));
        Assert.Equal(2, Reader.History(A.Id(1)).Count);
        await PutAsync(A.Entry(A.Id(1), "second, read by OCR", version: 2));
        Assert.Equal([A.Id(1)], Found("ocr"));
    }

    [Fact]
    public async Task Show_and_history_give_back_what_was_put()
    {
        var entry = A.Entry(A.Id(1), "page one\fpage two", version: 3).Fields(("a", "ü|\"\\\n"), ("b", ""));
        await PutAsync(entry);
        var shown = Reader.Show(A.Id(1));
        Assert.Equivalent(entry.Record, shown?.Record, strict: true);
        Assert.Equal(entry.Versions[^1], shown?.Head);
        Assert.Equal(entry.Versions, Reader.History(A.Id(1)));
        Assert.Equal("page one\fpage two", Reader.Text(A.Id(1)));
    }

    [Fact]
    public async Task What_is_not_there_is_null_or_empty_or_false()
    {
        await PutAsync(A.Entry(A.Id(1)));
        Assert.Null(Reader.Show(A.Id(1, 7)));
        Assert.Null(Reader.Text(A.Id(2)));
        Assert.Empty(Reader.History(A.Id(2)));
        Assert.Empty(Reader.WithContent(A.Digest(A.Id(2), 1)));
        await WriteAsync(transaction => Assert.False(Writer.Remove(transaction, A.Id(1, 7))));
    }

    [Fact]
    public async Task A_removed_record_is_gone_from_every_answer()
    {
        await PutAsync(A.Entry(A.Id(1), "word").Fields(("f", "v")), A.Entry(A.Id(2), "word"));
        await WriteAsync(transaction => Assert.True(Writer.Remove(transaction, A.Id(1))));
        Assert.Equal([A.Id(2)], Found("word"));
        Assert.Equal([A.Id(2)], Found(""));
        Assert.Empty(Found(new FindQuery { Fields = [new("f", "v")] }));
        Assert.Null(Reader.Show(A.Id(1)));
        Assert.Empty(Reader.History(A.Id(1)));
    }

    [Fact]
    public async Task A_transaction_that_fails_leaves_nothing()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => WriteAsync(transaction =>
        {
            Writer.Put(transaction, A.Entry(A.Id(1), "word"));
            throw new InvalidTimeZoneException();
        }));
        Assert.Empty(Found("word"));
        Assert.Equal(0, Reader.Count());
    }

    [Fact]
    public async Task A_cancelled_search_says_so()
    {
        await PutAsync(A.Entry(A.Id(1), "word"), A.Entry(A.Id(2), "word"));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var found = Reader.Find(new FindQuery { Text = "word" }, cancel.Token).GetEnumerator();
        Assert.True(found.MoveNext());
        await cancel.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => found.MoveNext());
        Assert.Equal(2, Found("word").Length);
    }

    [Fact]
    public async Task A_search_answers_from_one_state()
    {
        await PutAsync([.. Enumerable.Range(0, 50).Select(at => A.Entry(A.Id(at), "word"))]);
        using var found = Reader.Find(new FindQuery { Text = "word" }, Cancellation).GetEnumerator();
        Assert.True(found.MoveNext());
        await WriteAsync(transaction =>
        {
            for (int at = 0; at < 50; at += 2)
            {
                Writer.Remove(transaction, A.Id(at));
            }
        });
        int rest = 0;
        while (found.MoveNext())
        {
            rest++;
        }

        Assert.Equal(49, rest);
        Assert.Equal(25, Found("word").Length);
    }

    [Fact]
    public async Task Snippets_show_the_first_hit_on_its_page()
    {
        await PutAsync(A.Entry(A.Id(1), "first page says nothing\fthe second\n\n  mentions Gonarthrose twice: gonarthrose\flast page"));
        string? Shown(string text, SnippetStyle? style) =>
            Assert.Single(Reader.Find(new FindQuery { Text = text, Snippets = style }, Cancellation)).Snippet;
        Assert.Equal("the second mentions [Gonarthrose] twice: [gonarthrose]", Shown("gonarthrose", SnippetStyle.Plain));
        Assert.Equal("the second mentions <b>Gonarthrose twice</b>: gonarthrose", Shown("\"gonarthrose twice\"", new("<b>", "</b>", 160)));
        Assert.Equal("first page says nothing", Shown("", SnippetStyle.Plain));
        Assert.Null(Shown("gonarthrose", null));
    }
}
