"""A Scrapy spider over a list: bodies to files, what is extracted to a JSON Lines feed of Scrapy's own (-o)."""
import scrapy
from w3lib.html import strip_html5_whitespace


class ListSpider(scrapy.Spider):
    name = "list"
    custom_settings = {"ROBOTSTXT_OBEY": False, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False}

    def start_requests(self):
        with open(self.list) as lines:
            for number, url in enumerate(lines.read().split()):
                yield scrapy.Request(url, dont_filter=True, cb_kwargs={"number": number})

    def parse(self, response, number):
        with open(f"{self.folder}/{number}", "wb") as file:
            file.write(response.body)
        if self.mode != "extract":
            return
        words = response.xpath("//body//text()[not(ancestor::script or ancestor::style)]").getall()
        links = {response.urljoin(strip_html5_whitespace(href)) for href in response.css("a::attr(href)").getall()}
        yield {
            "url": response.url,
            "title": response.css("title::text").get(),
            "textLength": sum(map(len, words)),
            "links": list(links),
        }
